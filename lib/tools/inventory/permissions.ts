import type { RenderedObject } from '../synthesis/render';

type Manifest = RenderedObject['manifest'];

/** What a subject may do. */
export interface Permission {
  /** `Kind namespace/name`. */
  readonly subject: string;
  /** The role by which it may. */
  readonly role: string;
  /** Where it may. @default - in the whole cluster */
  readonly namespace?: string;
  /** The rules of the role. @default - the role is not made here, such as `view` */
  readonly rules?: readonly object[];
}

/** What the bindings among these objects allow, to whom and where. */
export function permissionsOf(manifests: readonly Manifest[]): Permission[] {
  return manifests
    .filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
    .flatMap(({ kind, metadata, roleRef, subjects = [] }) => {
      const role = manifests.find(
        (one) =>
          one.kind === roleRef.kind &&
          one.metadata.name === roleRef.name &&
          (one.kind === 'ClusterRole' || one.metadata.namespace === metadata.namespace),
      );
      return subjects.map((subject: Manifest) => ({
        subject: `${subject.kind} ${subject.namespace ? `${subject.namespace}/` : ''}${subject.name}`,
        role: `${roleRef.kind} ${roleRef.name}`,
        ...(kind === 'RoleBinding' && { namespace: metadata.namespace }),
        ...(role && { rules: role.rules }),
      }));
    })
    .sort((one, other) => (one.subject + one.role < other.subject + other.role ? -1 : 1));
}
