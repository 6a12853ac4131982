import type { NetworkServer } from './network';

/** The key of a ConfigMap with a CA certificate that clients trust in addition to the public ones. */
export interface PrivateCa {
  /** Name of the ConfigMap, in the namespace of the client. */
  readonly configMapName: string;
  /** Key that holds the PEM bundle. */
  readonly key: string;
}

/** Certificate and key of a node, which are files on the node itself: its clients show them when they connect. */
export interface ClientCertificate {
  /** Folder of the node that holds both files, such as `/etc/kubeedge/certs`. */
  readonly folder: string;
  /** Name of the file with the certificate, in PEM. */
  readonly certificateFile: string;
  /** Name of the file with its key, in PEM. */
  readonly keyFile: string;
}

/** Node groups whose clients use the certificate of their node; clients of other groups use a password. */
export interface CertificateGroups {
  /** Names of the groups. */
  readonly names: readonly string[];
  /** Whether their clients have a password, too. */
  readonly havePasswords: boolean;
}

/**
 * A URL that edge nodes reach over the public Internet, with HTTPS and Basic Auth, the certificate of the node,
 * or both. Clients mount the Secret with the password.
 */
export interface PublicEndpoint {
  /** Base URL: `https://` with host and path, without credentials and without a trailing slash. */
  readonly url: string;
  /**
   * Name of a Secret of type `kubernetes.io/basic-auth` (keys `username` and `password`) in the namespace of
   * each client.
   * @default - clients have no password: they show `clientCertificate`
   */
  readonly credentialsSecretName?: string;
  /** The certificate of the node that clients show. @default - none: clients have a password */
  readonly clientCertificate?: ClientCertificate;
  /** Groups whose clients show it. @default - all */
  readonly certificateGroups?: CertificateGroups;
  /**
   * Node groups that have users of their own. Clients of a group mount the Secret with the group's name as
   * suffix, such as `push-credentials-north`.
   * @default - all nodes push as the same user
   */
  readonly groups?: readonly string[];
  /**
   * The node group of this endpoint, whose user is in `credentialsSecretName`.
   * @default - not specific to a group
   */
  readonly group?: string;
  /**
   * Number of Pushgateway shards. The node's name selects its shard: the first is at `url` itself, the others
   * at `<url>/shard-1` and so on.
   * @default - a single Pushgateway
   */
  readonly shards?: number;
  /** CA certificate that verifies the server. @default - the public CA certificates */
  readonly privateCa?: PrivateCa;
}

/** Request bodies that a backend cannot parse. */
export interface UnsupportedBody {
  /** Regular expression (PCRE, case-insensitive, unanchored) for their `Content-Type`. */
  readonly contentType: string;
  /** Error message for the client. */
  readonly reason: string;
}

/** Requests that the guard lets through to a backend that receives pushes; it refuses all others. */
export interface PushRule {
  /** Allowed methods; others are refused with 405. */
  readonly methods: readonly ('PUT' | 'POST' | 'DELETE')[];
  /** Regular expression (PCRE, on bytes) that the whole decoded path must match. */
  readonly path: string;
  /**
   * Error message with which any other path below the backend's `paths` is refused (400).
   * @default - other paths are answered with 404
   */
  readonly pathRule?: string;
  /**
   * Bodies that are refused with 415, because the backend would accept them without storing anything.
   * @default - none
   */
  readonly unsupported?: UnsupportedBody;
  /**
   * Whether to answer 503 instead of 401 and 403. Clients drop data that is refused with 401 or 403, and
   * retry after 5xx. The guard then checks the passwords itself. Requests with `?client=docker-driver` still
   * get 401 and 403, since Docker blocks on the driver's retries.
   * @default false
   */
  readonly retriesRefusedUsers?: boolean;
  /**
   * Maximum number of concurrent pushes of one user or node group, per replica of the guard; more are
   * answered with 429. It keeps a single sender from using all the memory that the backend needs to
   * decompress bodies.
   * @default - no limit
   */
  readonly inFlight?: number;
}

/**
 * How the guard adds the node group of the user to a request, so that no client can claim another group:
 * `grouping-key` appends `/group/<group>` to the path of a push to Pushgateway, and refuses a path that
 * already has a group; `extra-label` replaces the query by `extra_label=__group__=<group>`, as vmagent
 * expects it.
 */
export type GroupStamp = 'grouping-key' | 'extra-label';

/** Label in which `extra-label` passes the group; the receiver renames it to `group`. */
export const STAMPED_GROUP = '__group__';

/** The label under which the guard passes on the node of a certificate, for the receiver to make `node` of. */
export const STAMPED_NODE = '__node__';

/** Request header in which the guard passes on the node of a certificate; the filter before Loki makes the label `node` of it. */
export const CERTIFIED_NODE_HEADER = 'Certified-Node';

/**
 * Request header in which the guard passes on the group of the node of a certificate, where the labels of nodes in the cluster name
 * groups: receivers set the label `group` to it, or refuse another one.
 */
export const CERTIFIED_GROUP_HEADER = 'Certified-Group';

/** Its value for a node that is in no group. */
export const NO_GROUP = '-';

/** Header of a 503 response that holds the status which the guard replaced. */
export const REFUSED_STATUS_HEADER = 'X-Refused-Status';

/** A backend of an ingress: a Service and the paths that are routed to it. */
export interface IngressBackend {
  /** Namespace of the Service and of the ingress, which can only route within its namespace. */
  readonly namespace: string;
  /** Name of the Service. */
  readonly serviceName: string;
  /** The server behind the Service; network policies open its port for clients. */
  readonly server: NetworkServer;
  /** Path prefix before the paths of the backend's API, such as `/services`. @default - none */
  readonly basePath?: string;
  /** Path prefixes to route, matched element by element, such as `/metrics`. */
  readonly paths: readonly string[];
  /**
   * Puts a guard in front of the backend, which only lets pushes through.
   * @default - all requests with a valid password pass
   */
  readonly pushes?: PushRule;
  /**
   * Request header in which the backend gets the user's name (or the group's, where users belong to groups).
   * A value that the client sends is overwritten.
   * @default - no header
   */
  readonly userHeader?: string;
  /**
   * Request header in which the backend gets the name of the node that showed a certificate; none for other clients. A value
   * that the client sends is overwritten.
   * @default - no header
   */
  readonly nodeHeader?: string;
  /** How the guard passes the node group to the backend, where there are groups. @default - not passed */
  readonly groupStamp?: GroupStamp;
  /**
   * Whether edge nodes push to it. If the host requests certificates, nodes use theirs, and the guard sets the node
   * name, as `groupStamp` does for groups. All other clients use a password.
   * @default false
   */
  readonly pushedByNodes?: boolean;
}
