/** Names an object of a cluster, whatever version of its API it is read by. */
export interface ObjectReference {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** @default - the object is cluster-scoped */
  readonly namespace?: string;
  readonly name: string;
}

/** An object that was applied to a cluster. */
export interface AppliedObject extends ObjectReference {
  /** UID that the API server gave it: an object of the same name that was created later has another one. */
  readonly uid: string;
}

/** The fields of a manifest, or of an object of the cluster, by which it is identified. */
interface Identified {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** The reference to a manifest's object. */
export function referenceOf({
  apiVersion,
  kind,
  metadata: { name, namespace },
}: Identified): ObjectReference {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return { group, kind, ...(namespace !== undefined && { namespace }), name };
}

/** The same text for references to the same object. */
export const keyOf = ({ group, kind, namespace = '', name }: ObjectReference): string =>
  [group, kind, namespace, name].join('/');

/** The object as messages name it. */
export const labelOf = ({ kind, namespace, name }: ObjectReference): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** The type of the object, as an argument of kubectl. */
export const typeOf = ({ group, kind }: ObjectReference): string =>
  `${kind.toLowerCase()}${group && `.${group}`}`;
