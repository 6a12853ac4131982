import type { IngressBackend } from '../contracts/endpoint';
import { wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import type { Quantity } from '../core/units';
import type { Authentication } from './authentication';
import type { CertificateReport } from './certificate-report';

/** How the guard identifies users. */
export type GuardUsers =
  /** The controller checks the password and sets this header to the user's name. */
  | { readonly header: string }
  /** The guard checks the password against an htpasswd file. */
  | { readonly file: string; readonly realm: string };

/** Rate limit of a user. */
export interface RateLimit {
  /** Maximum requests per second of all nodes that push as this user. */
  readonly requestsPerSecond: number;
  /**
   * Number of requests that may exceed the rate for a moment, such as when a fleet returns from an outage.
   * @default - ten times `requestsPerSecond`
   */
  readonly burst?: number;
}

/** The options of a rate limit. */
export const RATE_LIMIT = {
  requestsPerSecond: { rule: wholeNumber(1, 100_000) },
  burst: { rule: wholeNumber(1, 1_000_000), derive: ({ requestsPerSecond }) => 10 * requestsPerSecond },
} satisfies OptionTable<RateLimit>;

/** Rule for an option with a rate limit. */
export const rateLimit = optionsRule<RateLimit>(RATE_LIMIT);

/** TLS that a guard ends itself. */
export interface GuardTls {
  readonly port: number;
  readonly ipv6: boolean;
  /** Folder with the host's certificate: the files `tls.crt` and `tls.key`. */
  readonly certificateDir: string;
  /** File with the CA certificates that verify client certificates. */
  readonly clientCaFile: string;
}

/** Properties for `guardConfig`. */
export interface GuardConfig {
  readonly port: number;
  /** Whether nginx also listens on IPv6. @default false - nginx does not start on a kernel without IPv6 */
  readonly ipv6?: boolean;
  readonly backends: readonly IngressBackend[];
  readonly maxBodySize: Quantity;
  readonly timeoutSeconds: number;
  /** How users are identified. @default - everyone whom the controller lets through may push */
  readonly users?: GuardUsers;
  /** How nodes prove who they are. */
  readonly authentication: Authentication;
  /** Address of the program that decides whether a node may push. @default - all nodes with a valid certificate may */
  readonly admissionAddress?: string;
  /** The component that reports the client certificate. */
  readonly certificateReport: CertificateReport;
  /** @default - the controller ends TLS */
  readonly tls?: GuardTls;
  /** Node groups whose users may push. @default - every user may push */
  readonly groups?: readonly string[];
  /** Rate limit per user. @default - no limit */
  readonly rateLimit?: RateLimit;
}
