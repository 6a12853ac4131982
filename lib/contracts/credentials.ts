/** Format of the users that a server reads from a Secret: htpasswd lines under one key. */
export interface UsersFormat {
  /** Key of the Secret. */
  readonly key: string;
  /**
   * Hash of the passwords. `bcrypt` has a low cost, because the server checks the password of each request.
   * `sha1` is for servers that do not support bcrypt.
   */
  readonly hash: 'bcrypt' | 'sha1';
  /** Type of the Secret, for ingress controllers that require a specific type. @default "Opaque" */
  readonly type?: string;
}

/** A Secret that the manifests reference but do not contain. You create the Secret. */
export type RequiredSecret = {
  /** Namespace of the pods that mount the Secret. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
  /** Public host of the credentials. The server and the clients of a host use the same passwords. */
  readonly host: string;
} & (
  | {
      /** `server`: the Secret contains the password hashes of all users of the host. */
      readonly side: 'server';
      /** Format of the users, as the server reads them. */
      readonly format: UsersFormat;
      /** Node groups with a user each. The user has the name of the group. @default - user names are free */
      readonly groups?: readonly string[];
    }
  | {
      /**
       * `client`: the Secret contains one user and has the type `kubernetes.io/basic-auth`, with the keys
       * `username` and `password`.
       */
      readonly side: 'client';
      /** Node group of the user in the Secret. @default - the host has no groups */
      readonly group?: string;
    }
);
