import { PART_OF } from '../../core/labels';
import { type ClusterObject, type Kubectl, listObjects } from '../process/kubectl';
import { type AppliedObject, type ObjectReference, referenceKey, referenceOf } from './object-reference';

/** Label selector of all objects of the stack. */
const STACK_SELECTOR = Object.entries(PART_OF)
  .map(([key, value]) => `${key}=${value}`)
  .join();

/** Types of objects that `prune --adopt` finds, as arguments of `kubectl get`. The constructs create objects of these types. */
const PRUNABLE_TYPES = [
  'daemonsets.apps',
  'deployments.apps',
  'statefulsets.apps',
  'configmaps',
  'services',
  'serviceaccounts',
  'poddisruptionbudgets.policy',
  'ingresses.networking.k8s.io',
  'networkpolicies.networking.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'middlewares.traefik.io',
  'ingressroutetcps.traefik.io',
  'gateways.gateway.networking.k8s.io',
  'httproutes.gateway.networking.k8s.io',
  'tlsroutes.gateway.networking.k8s.io',
  'backendtrafficpolicies.gateway.envoyproxy.io',
  'clienttrafficpolicies.gateway.envoyproxy.io',
  'securitypolicies.gateway.envoyproxy.io',
  'externalsecrets.external-secrets.io',
  'certificates.cert-manager.io',
  'prometheusrules.monitoring.coreos.com',
  'scrapeconfigs.monitoring.coreos.com',
];

/**
 * Finds objects in the cluster that have the labels of the stack, have no owner reference, and are not in `known`.
 * @param known objects of all inventories and of the synthesis. The function does not return these objects
 */
export async function findUnrecordedStackObjects(
  kubectl: Kubectl,
  known: readonly ObjectReference[],
): Promise<AppliedObject[]> {
  const served = (await kubectl('api-resources', '--verbs=list', '--output', 'name')).split('\n');
  const types = PRUNABLE_TYPES.filter((type) => served.includes(type)).join();
  const existing: ClusterObject[] = await listObjects(
    kubectl,
    types,
    '--all-namespaces',
    '--selector',
    STACK_SELECTOR,
  );
  const keys = new Set(known.map(referenceKey));
  return existing
    .filter(({ metadata }) => !metadata.ownerReferences?.length)
    .map((object) => ({ ...referenceOf(object), uid: object.metadata.uid }))
    .filter((object) => !keys.has(referenceKey(object)));
}
