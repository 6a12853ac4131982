/** How a server wants the passwords of its users: lines of an htpasswd file under a key of a Secret. */
export interface UsersFormat {
  /** Key of the Secret. */
  readonly key: string;
  /** bcrypt, at a cost that a proxy can afford at each request; or SHA-1 where nothing else is read. */
  readonly hash: 'bcrypt' | 'sha1';
  /** Type of the Secret; a controller that asks for one of its own reads no other. @default "Opaque" */
  readonly type?: string;
}

/** A Secret that the manifests name and that is made outside of them. */
export type RequiredSecret = {
  /** Where the pods are that mount it. */
  readonly namespace: string;
  /** What the manifests call it. */
  readonly name: string;
  /** The public host whose users these are: server and clients of one host share their passwords. */
  readonly host: string;
} & (
  | {
      /** A `server` checks all users of the host: the Secret holds hashes of their passwords, and nothing else of them. */
      readonly side: 'server';
      /** In which format the server reads them. */
      readonly format: UsersFormat;
      /** Groups of nodes that each have a user of their name. @default - users have any name */
      readonly groups?: readonly string[];
    }
  | {
      /** A `client` is one user: keys `username` and `password`, of type `kubernetes.io/basic-auth`. */
      readonly side: 'client';
      /** The group whose user it holds. @default - the host has no groups */
      readonly group?: string;
    }
);
