import { X509Certificate } from 'node:crypto';
import { groupNames } from '../core/groups';
import { absolutePath, configMapKey, yesOrNo } from '../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import type { Rule } from '../core/validation';
import { type Authentication, NODE_NAME_PATTERN } from './authentication';

/** Properties for `nodeCertificate()`. */
export interface NodeCertificateProps {
  /**
   * One or more CA certificates in PEM that verify the certificates of nodes. KubeEdge's own CA certificate is in the
   * Secret `casecret` of the namespace `kubeedge`. While you replace a CA certificate, set both the old and the new
   * one.
   */
  readonly ca: string;
  /**
   * Subject of the node certificates in the format of RFC 2253. `{node}` is the placeholder for the name of the
   * node.
   * @default "CN=system:node:{node},O=system:nodes" - the subject that KubeEdge uses since v1.16
   */
  readonly subject?: string;
  /** Folder on each node that contains the certificate. @default "/etc/kubeedge/certs" */
  readonly folder?: string;
  /** Name of the file with the certificate, in PEM. @default "server.crt" */
  readonly certificateFile?: string;
  /** Name of the file with the private key, in PEM. @default "server.key" */
  readonly keyFile?: string;
  /**
   * Whether nodes also send a password. A node whose certificate contains no node name then pushes with the password.
   * Set `passwords` to `true` during a migration, or if nodes run KubeEdge v1.15 or older. Certificates of these
   * versions all have the same subject.
   * @default false
   */
  readonly passwords?: boolean;
  /**
   * Node groups that authenticate with certificates, such as groups with a recent KubeEdge. All other nodes use a
   * password.
   * @default - all nodes authenticate with certificates
   */
  readonly groups?: readonly string[];
}

const NODE_PLACEHOLDER = '{node}';

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g;

/** Returns whether a PEM text is a CA certificate. */
function isCaCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}

const caCertificates: Rule = {
  allowed: 'one or more CA certificates in PEM format, and nothing else: "-----BEGIN CERTIFICATE-----..."',
  accepts: (value) => {
    if (typeof value !== 'string') return false;
    const found = [...value.matchAll(PEM_BLOCK)].map(([pem]) => pem);
    return found.length > 0 && value.replace(PEM_BLOCK, '').trim() === '' && found.every(isCaCertificate);
  },
};

const subjectRule: Rule = {
  allowed: `a subject in the format of RFC 2253 that contains the placeholder ${NODE_PLACEHOLDER} once, in printable ASCII without quotes, "$" and backslashes, such as "CN=${NODE_PLACEHOLDER},O=edge"`,
  accepts: (value) =>
    typeof value === 'string' &&
    /^[ !#%-[\]-~]{1,500}$/.test(value) &&
    value.split(NODE_PLACEHOLDER).length === 2,
};

/** Validation rules of the options of `nodeCertificate()`. */
export const NODE_CERTIFICATE_OPTIONS = {
  ca: { rule: caCertificates },
  subject: { rule: subjectRule, default: `CN=system:node:${NODE_PLACEHOLDER},O=system:nodes` },
  folder: { rule: absolutePath, default: '/etc/kubeedge/certs' },
  certificateFile: { rule: configMapKey, default: 'server.crt' },
  keyFile: { rule: configMapKey, default: 'server.key' },
  passwords: { rule: yesOrNo, default: false },
  groups: { rule: groupNames, default: undefined },
} satisfies OptionTable<NodeCertificateProps>;

/**
 * Returns the authentication with a certificate for each node (mutual TLS), so that a node can only push data with
 * its own name. The host requests client certificates. The guard reads the name of the node from the subject of the
 * verified certificate. Requests with the name of another node are refused, or the guard replaces the name.
 * @throws InvalidOptionError when an option is invalid.
 */
export function nodeCertificate(props: NodeCertificateProps): Authentication {
  const { ca, subject, passwords, groups, ...files } = validateAndApplyDefaults(
    'nodeCertificate',
    props,
    NODE_CERTIFICATE_OPTIONS,
  );
  const [before = '', after = ''] = subject.split(NODE_PLACEHOLDER).map(escapeTextForRegex);
  return {
    passwords: passwords || groups !== undefined,
    certificates: {
      ca: `${ca.trim()}\n`,
      subject: `${before}${NODE_NAME_PATTERN}${after}`,
      files,
      ...(groups && { groups: { names: groups, havePasswords: passwords } }),
    },
  };
}

/** Escapes a text for use in a regular expression. */
const escapeTextForRegex = (text: string): string => text.replace(/[.*+?^{}()|[\]]/g, '\\$&');
