import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from './node';
import { run } from './programs';

/** Paths of a certificate and its private key. */
export interface ClientFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Fields of a certificate in addition to its subject. */
export interface CertificateOptions {
  /** Validity in days; with 0, the certificate expires within a second. @default 365 */
  readonly days?: number;
  /** Time at which the certificate expires. @default - follows from `days` */
  readonly end?: Date;
  /** Extended key usage. @default "clientAuth" */
  readonly usage?: 'clientAuth' | 'serverAuth';
}

const EC_KEY = ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out'];

/**
 * A certificate authority that issues node certificates as CloudCore does: with a root certificate only, ECDSA keys
 * with curve P-256 in SEC 1 format, and subjects in which the organization precedes the common name.
 */
export class NodeAuthority {
  private issued = 0;

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    run('openssl', ...EC_KEY, this.path('ca.key'));
    const usage = ['-addext', 'keyUsage=critical,keyEncipherment,digitalSignature,keyCertSign'];
    const extended = ['-addext', 'extendedKeyUsage=serverAuth,clientAuth'];
    const root = [
      'req',
      '-x509',
      '-new',
      '-key',
      this.path('ca.key'),
      '-subj',
      '/CN=KubeEdge',
      '-days',
      '36400',
    ];
    run('openssl', ...root, ...usage, ...extended, '-out', this.path('ca.crt'));
  }

  /** The root certificate in PEM. */
  get certificate(): string {
    return readFileSync(this.path('ca.crt'), 'utf8');
  }

  /** Issues a certificate for a subject such as `/O=system:nodes/CN=system:node:edge-1`. */
  issue(subject: string, { days = 365, end, usage = 'clientAuth' }: CertificateOptions = {}): ClientFiles {
    const name = `${++this.issued}`;
    const [key, request, certificate, extensions] = ['key', 'csr', 'crt', 'ext'].map((end) =>
      this.path(`${name}.${end}`),
    ) as [string, string, string, string];
    writeFileSync(
      extensions,
      `keyUsage=critical,keyEncipherment,digitalSignature\nextendedKeyUsage=${usage}\n`,
    );
    run('openssl', ...EC_KEY, key);
    run('openssl', 'req', '-new', '-key', key, '-subj', subject, '-out', request);
    const signer = ['-CA', this.path('ca.crt'), '-CAkey', this.path('ca.key'), '-CAcreateserial'];
    const validity = ['-days', `${days}`, '-extfile', extensions];
    if (end) this.signUntil(end, request, extensions, certificate);
    else run('openssl', 'x509', '-req', '-in', request, ...signer, ...validity, '-out', certificate);
    return { certificateFile: certificate, keyFile: key };
  }

  /** Signs a certificate that expires at an exact second. `openssl x509` can only count days. */
  private signUntil(end: Date, request: string, extensions: string, certificate: string): void {
    const config = this.path('ca.cnf');
    const policy = ['[policy]', 'O=optional', 'CN=supplied'];
    const own = [
      `database=${this.path('index')}`,
      `new_certs_dir=${this.path('')}`,
      'default_md=sha256',
      'rand_serial=yes',
    ];
    writeFileSync(config, ['[ca]', ...own, 'policy=policy', ...policy, ''].join('\n'));
    writeFileSync(this.path('index'), '');
    const utc = `${end.toISOString().replace(/[-:T]|\..*/g, '')}Z`;
    const signer = ['-cert', this.path('ca.crt'), '-keyfile', this.path('ca.key')];
    const files = ['-in', request, '-extfile', extensions, '-notext', '-out', certificate];
    run('openssl', 'ca', '-batch', '-config', config, '-name', 'ca', ...signer, '-enddate', utc, ...files);
  }

  /**
   * Issues a node certificate, and writes certificate and key to EdgeCore's folder on the node. Only root can read the
   * files.
   */
  enroll(node: Node): ClientFiles {
    const files = this.issue(`/O=system:nodes/CN=system:node:${node.name}`);
    const folder = node.path('/etc/kubeedge/certs');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [name, file] of [
      ['server.crt', files.certificateFile],
      ['server.key', files.keyFile],
    ] as const) {
      writeFileSync(join(folder, name), readFileSync(file));
      chmodSync(join(folder, name), 0o600);
    }
    return files;
  }

  private path(file: string): string {
    return join(this.folder, file);
  }
}
