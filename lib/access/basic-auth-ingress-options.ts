import type { NodeAdmissionServer } from '../contracts/node-admission';
import { namespaceOptionEntry } from '../core/cloud-rules';
import { groupNames } from '../core/groups';
import {
  hostName,
  interval,
  objectName,
  patternRule,
  quantity,
  shortDnsLabelRule,
} from '../core/option-rules';
import { type Options, type OptionTable, optionsRule } from '../core/option-table';
import { objectWithAtLeastFieldsRule, unionRule } from '../core/structure-rules';
import type { Duration, Quantity } from '../core/units';
import { type Authentication, authenticationRule } from './authentication';
import { basicAuth } from './basic-auth';
import { type RateLimit, rateLimit } from './guard-options';
import { type IngressController, ingressController, type Tls } from './ingress-controller';
import { ingressNginx } from './ingress-nginx';

/** Properties for `BasicAuthIngress`. */
export interface BasicAuthIngressProps {
  /**
   * Name of the Kubernetes objects of the host. It has at most 48 characters, because the name of one object gets the
   * suffix `-acme-challenge`.
   */
  readonly name: string;
  /**
   * Namespace of the Kubernetes objects of the host.
   * @default - the namespace of the chart, or else the platform's namespace `cloud`
   */
  readonly namespace?: string;
  /** Public DNS name of the host. */
  readonly host: string;
  /**
   * Certificate of the host: an existing Secret, or an issuer of cert-manager.
   * @default - the Secret `<name>-tls`; on an existing Gateway, the certificate of the Gateway
   */
  readonly tls?: Tls;
  /** Secret with the user names and password hashes. @default - `<name>-users` */
  readonly usersSecretName?: string;
  /**
   * Secret with the user name and password of a client. Each client mounts the Secret of this name in its own
   * namespace. The Secret has the type `kubernetes.io/basic-auth`, with the keys `username` and `password`.
   * @default - `<name>-credentials`
   */
  readonly credentialsSecretName?: string;
  /**
   * The ingress controller: one of the functions of this package, such as `traefik()`, or your own
   * implementation.
   * @default - `ingressNginx()` with the names in the manifests of ingress-nginx
   */
  readonly controller?: IngressController;
  /**
   * Realm that browsers show when they ask for the password. Letters, digits, spaces and `- . _ ~ / :` are
   * allowed, because every controller supports these characters.
   * @default "Authentication required"
   */
  readonly realm?: string;
  /**
   * Maximum size of a request body before decompression.
   * @default "8Mi" - for comparison: a push of a typical edge node has 68 kB of text, and 10 kB after compression
   */
  readonly maxBodySize?: Quantity;
  /** Time after which a request to the backend fails. @default "60s" */
  readonly timeout?: Duration;
  /**
   * Rate limit of each user. Client addresses have no rate limit, because carrier-grade NAT hides hundreds of edge
   * nodes behind one address.
   * @default - no limit
   */
  readonly rateLimit?: RateLimit;
  /**
   * Node groups. Each group has its own user, so that you can revoke the access of one group. The user has the name of
   * its group, such as `north`. After a rotation of the password, the new user is `north-2`. Users without a group
   * cannot push. The guard passes the group to the backends.
   * @default - all nodes push as the same user
   */
  readonly groups?: readonly string[];
  /**
   * Authentication of edge nodes: `basicAuth()` or `nodeCertificate()`. Other clients, such as business
   * services, always use a password.
   * @default basicAuth()
   */
  readonly authentication?: Authentication;
  /**
   * Admission program for nodes with certificates (`nodeCertificate()`). The program refuses nodes that you denied
   * or deleted, and counts refused certificates by reason.
   * @default - every node with a valid certificate may push
   */
  readonly nodeAdmission?: NodeAdmissionServer;
}

type Certificate<K extends string> = Extract<Tls, { readonly [Kind in K]: string }>;

const SECRET = { secretName: { rule: objectName } } satisfies OptionTable<Certificate<'secretName'>>;
const ISSUER = { issuer: { rule: objectName } } satisfies OptionTable<Certificate<'issuer'>>;
const CLUSTER_ISSUER = {
  clusterIssuer: { rule: objectName },
} satisfies OptionTable<Certificate<'clusterIssuer'>>;

const ISSUERS = {
  clusterIssuer: optionsRule<Certificate<'clusterIssuer'>>(CLUSTER_ISSUER),
  issuer: optionsRule<Certificate<'issuer'>>(ISSUER),
};

/** Validation rule for an issuer of cert-manager: a ClusterIssuer or an Issuer. */
export const issuedCertificate = unionRule(
  '{ clusterIssuer: "name" } or { issuer: "name" } of cert-manager',
  ISSUERS,
);

const certificate = unionRule('{ secretName: "name" }, { issuer: "name" } or { clusterIssuer: "name" }', {
  ...ISSUERS,
  secretName: optionsRule<Certificate<'secretName'>>(SECRET),
});

/**
 * Validation rule for a realm that ingress-nginx accepts. ingress-nginx is the strictest controller: it drops the whole
 * location if the realm contains other characters (`CharsWithSpace` in its
 * `internal/ingress/annotations/parser/validators.go`).
 */
const realm = patternRule(
  /^(?! )[-A-Za-z0-9._~/: ]+(?<! )$/,
  '1 to 253 letters, digits, spaces and "-", ".", "_", "~", "/", ":", without leading and trailing spaces, such as "Edge push"',
);

/** Validation rules of the options of `BasicAuthIngress`. */
export const INGRESS_OPTIONS = {
  name: { rule: shortDnsLabelRule(48, 'push') },
  namespace: namespaceOptionEntry('cloud'),
  host: { rule: hostName },
  tls: { rule: certificate, derive: ({ name }) => ({ secretName: `${name}-tls` }) },
  usersSecretName: { rule: objectName, derive: ({ name }) => `${name}-users` },
  credentialsSecretName: { rule: objectName, derive: ({ name }) => `${name}-credentials` },
  controller: { rule: ingressController, derive: () => ingressNginx() },
  realm: { rule: realm, default: 'Authentication required' },
  maxBodySize: { rule: quantity, default: '8Mi' },
  timeout: { rule: interval, default: '60s' },
  rateLimit: { rule: rateLimit, default: undefined },
  groups: { rule: groupNames, default: undefined },
  authentication: { rule: authenticationRule, derive: () => basicAuth() },
  nodeAdmission: {
    rule: objectWithAtLeastFieldsRule('a NodeAdmission', 'admissionAddress', 'admissionServer'),
    default: undefined,
  },
} satisfies OptionTable<BasicAuthIngressProps>;

/** Options of a `BasicAuthIngress`, with defaults applied. */
export type IngressOptions = Options<BasicAuthIngressProps, typeof INGRESS_OPTIONS>;
