import { X509Certificate } from 'node:crypto';
import { groupNames } from '../core/groups';
import { absolutePath, configMapKey, yesOrNo } from '../core/option-rules';
import { type OptionTable, optionsOf } from '../core/option-table';
import type { Rule } from '../core/validation';
import { type Authentication, CERTIFIED } from './authentication';

/** Properties for `nodeCertificate()`. */
export interface NodeCertificateProps {
  /**
   * CA certificates that verify the certificates of nodes, one or more, in PEM. KubeEdge's own CA certificate
   * is in the Secret `casecret` of the namespace `kubeedge`. While you replace a CA certificate, set both the
   * old and the new one.
   */
  readonly ca: string;
  /**
   * The whole subject of a node's certificate by RFC 2253, in which `{node}` stands for the name of the node.
   * @default "CN=system:node:{node},O=system:nodes" - as KubeEdge has it since v1.16
   */
  readonly subject?: string;
  /** Folder of each node with its certificate. @default "/etc/kubeedge/certs" */
  readonly folder?: string;
  /** Name of the file with the certificate, in PEM. @default "server.crt" */
  readonly certificateFile?: string;
  /** Name of the file with its key, in PEM. @default "server.key" */
  readonly keyFile?: string;
  /**
   * Whether nodes send a password, too, and may come in by it where their certificate names no node: while a fleet moves, or
   * with nodes of KubeEdge up to v1.15, whose certificates all have the same name.
   * @default false
   */
  readonly passwords?: boolean;
  /**
   * Node groups whose nodes show certificates, such as those with a recent KubeEdge; nodes of other groups, and those of no group,
   * have a password.
   * @default - all nodes
   */
  readonly groups?: readonly string[];
}

const NODE = '{node}';

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[^-]+-----END \1-----/g;

/** Returns whether a text is a CA certificate in PEM. */
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
    const found = [...value.matchAll(PEM)].map(([pem]) => pem);
    return found.length > 0 && value.replace(PEM, '').trim() === '' && found.every(isCaCertificate);
  },
};

const subjectRule: Rule = {
  allowed: `a subject by RFC 2253 in printable ASCII without quotes, "$" and backslashes, in which ${NODE} stands once, such as "CN=${NODE},O=edge"`,
  accepts: (value) =>
    typeof value === 'string' && /^[ !#%-[\]-~]{1,500}$/.test(value) && value.split(NODE).length === 2,
};

/** The options of `nodeCertificate()`. */
export const NODE_CERTIFICATE_OPTIONS = {
  ca: { rule: caCertificates },
  subject: { rule: subjectRule, default: `CN=system:node:${NODE},O=system:nodes` },
  folder: { rule: absolutePath, default: '/etc/kubeedge/certs' },
  certificateFile: { rule: configMapKey, default: 'server.crt' },
  keyFile: { rule: configMapKey, default: 'server.key' },
  passwords: { rule: yesOrNo, default: false },
  groups: { rule: groupNames, default: undefined },
} satisfies OptionTable<NodeCertificateProps>;

/**
 * The certificate of each node, by mutual TLS: a node can speak for itself only. The host asks its clients for certificates, the
 * guard takes the name of the node from the verified subject, and refuses or replaces what a client says otherwise.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function nodeCertificate(props: NodeCertificateProps): Authentication {
  const { ca, subject, passwords, groups, ...files } = optionsOf(
    'nodeCertificate',
    props,
    NODE_CERTIFICATE_OPTIONS,
  );
  const [before = '', after = ''] = subject.split(NODE).map(escapeRegex);
  return {
    passwords: passwords || groups !== undefined,
    certificates: {
      ca: `${ca.trim()}\n`,
      subject: `${before}${CERTIFIED}${after}`,
      files,
      ...(groups && { groups: { names: groups, havePasswords: passwords } }),
    },
  };
}

/** A text as a regular expression that matches it alone. */
const escapeRegex = (text: string): string => text.replace(/[.*+?^{}()|[\]]/g, '\\$&');
