import type { NetworkServer } from './network';

/** A ConfigMap with a CA certificate that clients trust in addition to the public CA certificates. */
export interface PrivateCa {
  /** Name of the ConfigMap. Each namespace with clients needs a ConfigMap of this name. */
  readonly configMapName: string;
  /** Key of the ConfigMap that contains the CA certificates in PEM. */
  readonly key: string;
}

/**
 * Files on an edge node with the certificate and the private key of the node. Agents on the node mount the
 * files, and present the certificate when they connect to the cloud.
 */
export interface ClientCertificate {
  /** Folder of the node that contains both files, such as `/etc/kubeedge/certs`. */
  readonly folder: string;
  /** Name of the file with the certificate, in PEM. */
  readonly certificateFile: string;
  /** Name of the file with the private key, in PEM. */
  readonly keyFile: string;
}

/**
 * Node groups whose clients authenticate with the certificate of their node. The clients of all other nodes
 * authenticate with a password.
 */
export interface CertificateGroups {
  /** Names of the node groups. */
  readonly names: readonly string[];
  /** Whether nodes with a certificate can also push with a password. */
  readonly havePasswords: boolean;
}

/**
 * A public URL that edge nodes push to over HTTPS. Clients authenticate with a password (Basic Auth), with
 * the certificate of their node, or with both. Clients mount the Secret that contains the password.
 */
export interface PublicEndpoint {
  /** Base URL: `https://` with host and path, without credentials and without a trailing slash. */
  readonly url: string;
  /**
   * Name of a Secret of type `kubernetes.io/basic-auth` (keys `username` and `password`), in the namespace of
   * each client.
   * @default - clients have no password, and only authenticate with `clientCertificate`
   */
  readonly credentialsSecretName?: string;
  /**
   * The node certificate with which clients authenticate. @default - clients only authenticate with a
   * password
   */
  readonly clientCertificate?: ClientCertificate;
  /**
   * Node groups whose clients authenticate with `clientCertificate`. @default - all groups, if
   * `clientCertificate` is set
   */
  readonly certificateGroups?: CertificateGroups;
  /**
   * Node groups that each have their own user. The clients in a group mount a Secret whose name ends with the
   * name of the group, such as `push-credentials-north`.
   * @default - all nodes push as the same user
   */
  readonly groups?: readonly string[];
  /**
   * Node group of the user in the Secret `credentialsSecretName`.
   * @default - the user does not belong to a group
   */
  readonly group?: string;
  /**
   * Number of Pushgateway shards. Each client computes the shard of a node from the node's name. The first
   * shard is at `url`, the second at `<url>/shard-1`, and so on.
   * @default - a single Pushgateway
   */
  readonly shards?: number;
  /** CA certificate that verifies the server. @default - the public CA certificates */
  readonly privateCa?: PrivateCa;
}

/**
 * Request bodies that the guard in front of a backend refuses with status 415. The backend would not store
 * the data of these bodies, but would report success.
 */
export interface UnsupportedBody {
  /**
   * Regular expression that matches the header `Content-Type` of the requests to refuse (PCRE,
   * case-insensitive, unanchored).
   */
  readonly contentType: string;
  /** Error message in the response to the client. */
  readonly reason: string;
}

/**
 * Rule for the push requests to a backend. The guard in front of the backend forwards the requests that match
 * the rule, and refuses all other requests.
 */
export interface PushRule {
  /** Allowed HTTP methods. The guard refuses other methods with 405. */
  readonly methods: readonly ('PUT' | 'POST' | 'DELETE')[];
  /** Regular expression that the whole path must match after percent-decoding (PCRE, on bytes). */
  readonly path: string;
  /**
   * Error message of the response with status 400. The guard sends the response if the path of a request is
   * below the `paths` of the backend, but does not match `path`.
   * @default - the guard responds to these paths with 404
   */
  readonly pathRule?: string;
  /**
   * Request bodies that the guard refuses with status 415. The backend would not store the data of these bodies,
   * but would report success.
   * @default - the guard forwards all bodies
   */
  readonly unsupported?: UnsupportedBody;
  /**
   * Whether the guard responds with 503 where it would otherwise respond with 401 or 403. Agents drop data
   * after 401 and 403, but retry after 503. If true, the guard checks the passwords, and the ingress
   * controller does not. Requests with `?client=docker-driver` still get 401 and 403, because containers
   * block while Docker's log driver retries.
   * @default false
   */
  readonly retriesRefusedUsers?: boolean;
  /**
   * Maximum number of concurrent pushes, for each replica of the guard. Each user or node group has its own
   * limit; if nodes authenticate with certificates, all clients share one limit. A single node or client
   * address can use at most half of the limit. The guard responds to further pushes with 429. Without the
   * limit, one client could use all the memory in which the backend decompresses bodies.
   * @default - no limit
   */
  readonly inFlight?: number;
}

/**
 * How the guard passes the node group of a user with a password to the backend. A client can therefore not push as
 * another group. For nodes with a certificate, the header `CERTIFIED_GROUP_HEADER` contains the group instead.
 *
 * - `grouping-key` (Pushgateway): the guard appends `/group/<group>` to the path. The guard refuses a path that
 * already contains a group.
 * - `extra-label` (vmagent): the guard replaces the query string by `extra_label=__group__=<group>`.
 */
export type GroupStamp = 'grouping-key' | 'extra-label';

/**
 * Label with which the guard adds the node group to a request, if the `GroupStamp` of the backend is
 * `extra-label`. The receiver renames the label to `group`.
 */
export const STAMPED_GROUP = '__group__';

/**
 * Label in which the guard passes the node name of the client certificate to the receiver. The receiver
 * renames the label to `node`.
 */
export const STAMPED_NODE = '__node__';

/**
 * Request header in which the guard passes the node name of the client certificate. The filter in front of Loki
 * sets the label `node` to this name.
 */
export const CERTIFIED_NODE_HEADER = 'Certified-Node';

/**
 * Request header in which the guard passes the group of a node that authenticates with a certificate. The
 * group comes from the labels of the Kubernetes node. Receivers set the label `group` to this value, or
 * refuse data with another group. The header is empty if node admission has no groups; clients then set the
 * label `group` themselves.
 */
export const CERTIFIED_GROUP_HEADER = 'Certified-Group';

/** Value of `CERTIFIED_GROUP_HEADER` for a node without a group. */
export const NO_GROUP = '-';

/**
 * Response header that the guard sets when it responds with 503 instead of another status. The header
 * contains the other status, such as `401`.
 */
export const REFUSED_STATUS_HEADER = 'X-Refused-Status';

/** A backend of an ingress: a Service, and the paths that the ingress routes to it. */
export interface IngressBackend {
  /** Namespace of the Service and of the ingress. An ingress only routes to Services of its own namespace. */
  readonly namespace: string;
  /** Name of the Service. */
  readonly serviceName: string;
  /** The server behind the Service, for network policies. */
  readonly server: NetworkServer;
  /** Path prefix in front of the API of the backend, such as `/services`. @default - no prefix */
  readonly basePath?: string;
  /** Path prefixes to route, such as `/metrics`. `/metrics` matches `/metrics/job`, but not `/metrics2`. */
  readonly paths: readonly string[];
  /**
   * Rule for push requests, which a guard in front of the backend enforces. The guard refuses all other
   * requests.
   * @default - there is no rule: all requests of authenticated clients reach the backend
   */
  readonly pushes?: PushRule;
  /**
   * Request header in which the backend receives the user name. If users belong to node groups, the header
   * contains the name of the group instead. A value from the client is overwritten.
   * @default - no header
   */
  readonly userHeader?: string;
  /**
   * Request header in which the backend receives the node name of the client certificate. The header is empty
   * for clients without a certificate. A value from the client is overwritten.
   * @default - no header
   */
  readonly nodeHeader?: string;
  /**
   * How the guard passes the node group of a push to the backend. @default - the backend does not receive the group
   */
  readonly groupStamp?: GroupStamp;
  /**
   * Whether edge nodes push to this backend. If true, and if the host requests client certificates, nodes
   * authenticate with a certificate, and the guard sets the node name. Other clients use a password.
   * @default false
   */
  readonly pushedByNodes?: boolean;
}
