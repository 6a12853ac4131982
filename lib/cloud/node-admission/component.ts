import { hasComponent, type RuledTargets, scrapeJobOf } from '../../core/component';
import { NODE_GROUP_LABEL } from '../../core/placement';
import type { CloudComponent } from '../cloud-component';
import { type LabeledGroup, NodeAdmission } from './node-admission';
import { nodeAdmissionRules } from './rules';

/** Settings of an environment that the component uses. */
export interface AdmissionEnvironment {
  readonly ingress?: { readonly authentication?: { readonly certificates?: object } };
  readonly edge?: {
    readonly membership?: 'api-server' | 'pushes';
    readonly group?: string;
    readonly groups?: readonly (Pick<LabeledGroup, 'name'> & Partial<LabeledGroup>)[];
  };
}

/**
 * Returns the groups of nodes in the settings, followed by the group of all other nodes; none where nodes of other
 * clusters push, whose labels the API server does not know.
 */
function labeledGroups({
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

/** The admission of nodes, which an environment has where nodes show certificates. */
export const nodeAdmissionComponent = {
  rules: (environment) =>
    hasComponent('cloud-node-admission', environment)
      ? [nodeAdmissionRules(scrapeJobOf('cloud-node-admission', environment))]
      : [],
  make: (scope, { settings: { ingress, edge } }) =>
    ingress?.authentication?.certificates
      ? [
          new NodeAdmission(scope, 'node-admission', {
            membership: edge?.membership,
            groups: labeledGroups(edge),
          }),
        ]
      : [],
} satisfies CloudComponent<object, RuledTargets, object, object, AdmissionEnvironment>;
