import type { NetworkServer } from './network';

/** A certificate authority that clients trust beside the public ones: a key of a ConfigMap. */
export interface PrivateCa {
  /** The ConfigMap, in the namespace of the client. */
  readonly configMapName: string;
  /** The key that holds the PEM bundle. */
  readonly key: string;
}

/**
 * An address that the edge reaches through the public Internet: HTTPS with Basic Auth.
 * The password is never part of it; clients mount the Secret.
 */
export interface PublicEndpoint {
  /** `https://` with host and base path, without credentials and without a slash at the end. */
  readonly url: string;
  /**
   * A Secret of type `kubernetes.io/basic-auth` (keys `username`, `password`) in the namespace of
   * each client.
   */
  readonly credentialsSecretName: string;
  /**
   * Groups of nodes that have users of their own; clients of a group mount the Secret with its name at the
   * end, such as `push-credentials-north`.
   * @default - all nodes push as the same user
   */
  readonly groups?: readonly string[];
  /** The group that this is the endpoint of; its Secret is the one above. @default - of no single group */
  readonly group?: string;
  /**
   * Of how many Pushgateways each node uses one, which its name decides: the first is at the address itself, the
   * others at `<url>/shard-1` and so on.
   * @default - there is only this one
   */
  readonly shards?: number;
  /** The private authority that signed the certificate. @default - a public one did */
  readonly privateCa?: PrivateCa;
}

/** Bodies that a backend cannot read. */
export interface UnsupportedBody {
  /** Regular expression (PCRE) that their `Content-Type` matches in part, in whatever case. */
  readonly contentType: string;
  /** The text that their sender gets. */
  readonly reason: string;
}

/** What clients may do who push: nothing else passes the guard. */
export interface PushRule {
  /** The methods that pass; all others are refused with 405. */
  readonly methods: readonly ('PUT' | 'POST' | 'DELETE')[];
  /** Regular expression (PCRE, of bytes) that the whole decoded path matches. */
  readonly path: string;
  /**
   * The text with which every other path below the backend's `paths` is refused (400).
   * @default - they are not found (404)
   */
  readonly pathRule?: string;
  /** Bodies that are refused with 415: the backend would take them without storing anything. @default - none */
  readonly unsupported?: UnsupportedBody;
  /**
   * Answers 503 in place of 401 and 403, as clients there drop what those refuse, and retry after 5xx. The guard
   * then checks the passwords itself. `?client=docker-driver` still gets 401 and 403: Docker waits for its retries.
   * @default false
   */
  readonly retriesRefusedUsers?: boolean;
  /**
   * How many pushes of one user, or of one group of nodes, each replica of the guard has in flight at the backend; others
   * are answered with 429. So no sender takes all of the memory in which the backend unpacks bodies.
   * @default - no limit
   */
  readonly inFlight?: number;
}

/**
 * How the guard tells a backend which group of nodes the user belongs to, so that no client can name another:
 * `grouping-key` ends the path of a push to Pushgateway with `/group/<group>`, and refuses a path that names
 * one itself; `extra-label` makes `extra_label=__group__=<group>` the whole query, as vmagent reads it.
 */
export type GroupStamp = 'grouping-key' | 'extra-label';

/** The label under which `extra-label` passes the group on, for the receiver to make `group` of. */
export const STAMPED_GROUP = '__group__';

/** Header of a 503 that the guard answers in place of another status: the status itself. */
export const REFUSED_STATUS_HEADER = 'X-Refused-Status';

/** A part of a web server that an ingress puts on the public Internet. */
export interface IngressBackend {
  /** Namespace of its Service: that of the ingress, which routes into no other. */
  readonly namespace: string;
  /** Name of its Service. */
  readonly serviceName: string;
  /** Its port, which NetworkPolicies open for clients. */
  readonly server: NetworkServer;
  /** What clients put before the protocol's own paths, such as `/services`. @default - nothing */
  readonly basePath?: string;
  /** Path prefixes to route, element by element, such as `/metrics`. */
  readonly paths: readonly string[];
  /** Puts a guard before it that lets through pushes only. @default - all that the password's owner asks for */
  readonly pushes?: PushRule;
  /**
   * Request header in which it is told the user's name or, where users are those of groups, the group's,
   * whatever a client sends there.
   * @default - it is not told
   */
  readonly userHeader?: string;
  /** How it is told the group, where there are groups. @default - it is not told */
  readonly groupStamp?: GroupStamp;
}
