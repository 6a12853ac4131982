/** Format in which a server reads its users from a Secret: htpasswd lines under one key. */
export interface UsersFormat {
  /** Key of the Secret that contains the htpasswd lines. */
  readonly key: string;
  /**
   * Hash algorithm of the passwords. `bcrypt` is used with a low cost factor, because the server checks a
   * password for each request. `sha1` is for servers that do not support bcrypt.
   */
  readonly hash: 'bcrypt' | 'sha1';
  /** Type of the Secret, for ingress controllers that require a specific type. @default "Opaque" */
  readonly type?: string;
}

/** A Secret that the manifests reference but do not contain. You or External Secrets create the Secret. */
export type RequiredSecret = {
  /** Namespace of the pods that mount the Secret. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
  /** Public host for which the passwords are valid. The server and the clients of a host use the same passwords. */
  readonly host: string;
} & (
  | {
      /** `server`: the Secret contains the users of the host, with the hashes of their passwords. */
      readonly side: 'server';
      /** Format of the users in the Secret. */
      readonly format: UsersFormat;
      /**
       * Node groups that push to the host. Each group has a user with the name of the group. After a rotation
       * of the password, the user name ends with a number, such as `north-2`.
       * @default - the users belong to no groups
       */
      readonly groups?: readonly string[];
    }
  | {
      /**
       * `client`: the Secret contains one user and has the type `kubernetes.io/basic-auth`, with the keys
       * `username` and `password`.
       */
      readonly side: 'client';
      /** Node group of the user. @default - the user belongs to no group */
      readonly group?: string;
    }
);
