/** Format in which a server reads its users: lines of an htpasswd file under a key of a Secret. */
export interface UsersFormat {
  /** Key of the Secret. */
  readonly key: string;
  /**
   * Hash of the passwords: bcrypt, at a cost low enough for a check at each request, or SHA-1 for servers
   * that support nothing else.
   */
  readonly hash: 'bcrypt' | 'sha1';
  /** Type of the Secret, for controllers that only accept a type of their own. @default "Opaque" */
  readonly type?: string;
}

/** A Secret that the manifests reference and that is created outside of them. */
export type RequiredSecret = {
  /** Namespace of the pods that mount the Secret. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
  /**
   * The public host that the credentials belong to. The server and the clients of one host share its
   * passwords.
   */
  readonly host: string;
} & (
  | {
      /** `server`: the Secret holds the password hashes of all users of the host. */
      readonly side: 'server';
      /** Format in which the server reads the users. */
      readonly format: UsersFormat;
      /** Node groups that each have a user of the same name. @default - user names are free */
      readonly groups?: readonly string[];
    }
  | {
      /**
       * `client`: the Secret holds one user, in the keys `username` and `password`, with type
       * `kubernetes.io/basic-auth`.
       */
      readonly side: 'client';
      /** The node group whose user the Secret holds. @default - the host has no groups */
      readonly group?: string;
    }
);
