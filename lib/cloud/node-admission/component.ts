import { hasComponent, type RuledTargets, scrapeJobOf } from '../../core/component';
import type { CloudComponent } from '../cloud-component';
import { NodeAdmission } from './node-admission';
import { nodeAdmissionRules } from './rules';

/** Settings of an environment that the component uses. */
export interface AdmissionEnvironment {
  readonly ingress?: { readonly authentication?: { readonly certificates?: object } };
  readonly edge?: { readonly membership?: 'api-server' | 'pushes' };
}

/** The admission of nodes, which an environment has where nodes show certificates. */
export const nodeAdmissionComponent = {
  rules: (environment) =>
    hasComponent('cloud-node-admission', environment)
      ? [nodeAdmissionRules(scrapeJobOf('cloud-node-admission', environment))]
      : [],
  make: (scope, { settings: { ingress, edge } }) =>
    ingress?.authentication?.certificates
      ? [new NodeAdmission(scope, 'node-admission', { membership: edge?.membership })]
      : [],
} satisfies CloudComponent<object, RuledTargets, object, object, AdmissionEnvironment>;
