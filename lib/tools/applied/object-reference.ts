/** Reference to an object of a cluster. It contains the API group, but no API version such as `v1`. */
export interface ObjectReference {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Namespace. @default - the object is cluster-scoped */
  readonly namespace?: string;
  readonly name: string;
}

/** Reference to an object that was applied to a cluster. */
export interface AppliedObject extends ObjectReference {
  /** UID from the API server. An object that is deleted and re-created has another UID. */
  readonly uid: string;
}

/** The fields that identify an object, in a manifest or in the cluster. */
interface Identified {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Returns the reference to an object, from its manifest or from the object in the cluster. */
export function referenceOf({
  apiVersion,
  kind,
  metadata: { name, namespace },
}: Identified): ObjectReference {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return { group, kind, ...(namespace !== undefined && { namespace }), name };
}

/** Returns a unique key for an object, such as `apps/DaemonSet/monitoring/agent`. */
export const referenceKey = ({ group, kind, namespace = '', name }: ObjectReference): string =>
  [group, kind, namespace, name].join('/');

/** Returns the kind, namespace and name of an object for messages, such as `Service monitoring/loki`. */
export const formatReference = ({ kind, namespace, name }: ObjectReference): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** Returns kubectl's argument for the type of an object, such as `daemonset.apps`. */
export const kubectlResourceType = ({ group, kind }: ObjectReference): string =>
  `${kind.toLowerCase()}${group && `.${group}`}`;
