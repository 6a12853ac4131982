import {
  environmentHasComponent,
  firstScrapeJobNameOfComponent,
  type RuledTargets,
} from '../../core/component';
import { NODE_GROUP_LABEL } from '../../core/placement';
import type { CloudComponent } from '../cloud-component';
import { type LabeledGroup, NodeAdmission } from './node-admission';
import { alertRulesAboutNodeAdmission } from './rules';

/** All settings of an environment that `nodeAdmissionComponent` uses. */
export interface AdmissionEnvironment {
  readonly ingress?: { readonly authentication?: { readonly certificates?: object } };
  readonly edge?: {
    readonly membership?: 'api-server' | 'pushes';
    readonly group?: string;
    readonly groups?: readonly (Pick<LabeledGroup, 'name'> & Partial<LabeledGroup>)[];
  };
}

/**
 * Returns the node groups in the settings with their node selectors. If the settings contain a group for all
 * other nodes (`edge.group`), the group is the last in the list. Returns `undefined` if the setting `edge.groups` has
 * no groups. Also returns `undefined` if nodes of other clusters may push: the API server does not know their labels.
 */
function nodeGroupsFromSettings({
  membership,
  group,
  groups,
}: NonNullable<AdmissionEnvironment['edge']> = {}): LabeledGroup[] | undefined {
  if (!groups?.length || membership === 'pushes') return undefined;
  return [
    ...groups.map(({ name, nodeSelector }) => ({
      name,
      nodeSelector: nodeSelector ?? { [NODE_GROUP_LABEL]: name },
    })),
    ...(group ? [{ name: group, nodeSelector: {} }] : []),
  ];
}

/**
 * The component `node-admission` of an environment. The component creates a `NodeAdmission` if edge nodes authenticate
 * with client certificates.
 */
export const nodeAdmissionComponent = {
  rules: (environment) =>
    environmentHasComponent('cloud-node-admission', environment)
      ? [alertRulesAboutNodeAdmission(firstScrapeJobNameOfComponent('cloud-node-admission', environment))]
      : [],
  make: (scope, { settings: { ingress, edge } }) =>
    ingress?.authentication?.certificates
      ? [
          new NodeAdmission(scope, 'node-admission', {
            membership: edge?.membership,
            groups: nodeGroupsFromSettings(edge),
          }),
        ]
      : [],
} satisfies CloudComponent<object, RuledTargets, object, object, AdmissionEnvironment>;
