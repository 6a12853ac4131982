/** Identifies an object of a cluster, independent of its API version. */
export interface ObjectReference {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Namespace. @default - the object is cluster-scoped */
  readonly namespace?: string;
  readonly name: string;
}

/** An object that was applied to a cluster. */
export interface AppliedObject extends ObjectReference {
  /** UID from the API server, which differs for a re-created object of the same name. */
  readonly uid: string;
}

/** The fields of a manifest or object that identify it. */
interface Identified {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Returns the reference of a manifest's object. */
export function referenceOf({
  apiVersion,
  kind,
  metadata: { name, namespace },
}: Identified): ObjectReference {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return { group, kind, ...(namespace !== undefined && { namespace }), name };
}

/** Returns a unique key of an object. */
export const referenceKey = ({ group, kind, namespace = '', name }: ObjectReference): string =>
  [group, kind, namespace, name].join('/');

/** Returns how messages refer to an object. */
export const referenceText = ({ kind, namespace, name }: ObjectReference): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** Returns kubectl's argument for the type of an object. */
export const kubectlType = ({ group, kind }: ObjectReference): string =>
  `${kind.toLowerCase()}${group && `.${group}`}`;
