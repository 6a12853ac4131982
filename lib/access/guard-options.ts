import type { IngressBackend } from '../contracts/endpoint';
import { wholeNumberRule } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import type { Quantity } from '../core/units';
import type { Authentication } from './authentication';
import type { CertificateReport } from './certificate-report';

/** How the guard determines the user of a request. */
export type GuardUsers =
  /** The controller checks the password, and sets this request header to the name of the user. */
  | { readonly header: string }
  /** The guard checks the password against this htpasswd file. */
  | { readonly file: string; readonly realm: string };

/** Rate limit of one user. */
export interface RateLimit {
  /**
   * Maximum number of requests per second of the user. The limit applies to the sum of all nodes that push as the user.
   */
  readonly requestsPerSecond: number;
  /**
   * Number of requests that a user may send above the rate for a short time, for example when a fleet comes back
   * after an outage.
   * @default - ten times `requestsPerSecond`
   */
  readonly burst?: number;
}

/** Validation rules of the options of `RateLimit`. */
export const RATE_LIMIT = {
  requestsPerSecond: { rule: wholeNumberRule(1, 100_000) },
  burst: { rule: wholeNumberRule(1, 1_000_000), derive: ({ requestsPerSecond }) => 10 * requestsPerSecond },
} satisfies OptionTable<RateLimit>;

/** Validation rule for an option of type `RateLimit`. */
export const rateLimit = optionsRule<RateLimit>(RATE_LIMIT);

/** TLS configuration of a guard that terminates TLS itself. */
export interface GuardTls {
  /** HTTPS port on which the guard listens. */
  readonly port: number;
  /** Whether nginx also listens on IPv6. */
  readonly ipv6: boolean;
  /** Folder with the certificate of the host: the files `tls.crt` and `tls.key`. */
  readonly certificateDir: string;
  /** File with the CA certificates that verify client certificates. */
  readonly clientCaFile: string;
}

/** Properties for `renderGuardNginxConfig()`. */
export interface GuardConfig {
  /** HTTP port on which the guard listens. */
  readonly port: number;
  /** Whether nginx also listens on IPv6. If true, nginx does not start on a kernel without IPv6. @default false */
  readonly ipv6?: boolean;
  readonly backends: readonly IngressBackend[];
  readonly maxBodySize: Quantity;
  readonly timeoutSeconds: number;
  /**
   * How the guard determines the user of a request.
   * @default - the guard does not know users, and does not check passwords
   */
  readonly users?: GuardUsers;
  /** Authentication of the edge nodes. */
  readonly authentication: Authentication;
  /**
   * Address of the admission program, which decides whether a node may push.
   * @default - all nodes with a valid certificate may push
   */
  readonly admissionAddress?: string;
  /** nginx variables and headers that contain the client certificate. */
  readonly certificateReport: CertificateReport;
  /** TLS configuration of the guard. @default - the controller terminates TLS */
  readonly tls?: GuardTls;
  /** Node groups whose users may push. @default - every user may push */
  readonly groups?: readonly string[];
  /** Rate limit per user. @default - no limit */
  readonly rateLimit?: RateLimit;
}
