import type { RenderedObject } from '../synthesis/render';

type Manifest = RenderedObject['manifest'];

/** RBAC permissions that one binding of a role grants to a subject. */
export interface Permission {
  /** Subject that has the permissions, as `Kind namespace/name`. */
  readonly subject: string;
  /** Role that grants the permissions, as `Kind name`. */
  readonly role: string;
  /** Namespace in which the permissions apply. @default - the permissions apply to the whole cluster */
  readonly namespace?: string;
  /**
   * Rules of the role.
   * @default - the rules are unknown, because the manifests do not contain the role, for example the ClusterRole `view`
   */
  readonly rules?: readonly object[];
}

/** Returns the permissions that the RoleBindings and ClusterRoleBindings in manifests grant. */
export function findRbacPermissions(manifests: readonly Manifest[]): Permission[] {
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
