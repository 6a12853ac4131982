import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { run } from './programs';

/** A certificate chain and its private key in PEM, with the key names of a TLS Secret. */
export interface KeyPair {
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
}

/** Type of private keys: ECDSA with curve P-256, or RSA with 2048 bits. */
export type KeyAlgorithm = 'ecdsa' | 'rsa';

const KEY_ARGS: Readonly<Record<KeyAlgorithm, readonly string[]>> = {
  ecdsa: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
  rsa: ['-newkey', 'rsa:2048', '-nodes'],
};

/**
 * A certificate authority like public ones: clients trust a root certificate, and an intermediate CA signs. So a TLS
 * handshake carries as many certificates as with a public CA.
 */
export class Authority {
  constructor(
    private readonly folder: string,
    private readonly keys: KeyAlgorithm = 'ecdsa',
  ) {
    mkdirSync(folder, { recursive: true });
    this.issueTo('root', 'basicConstraints=critical,CA:TRUE');
    this.issueTo('intermediate', 'basicConstraints=critical,CA:TRUE,pathlen:0', 'root');
  }

  /** Path of the root certificate. */
  get file(): string {
    return this.path('root.crt');
  }

  /** The root certificate in PEM. */
  get certificate(): string {
    return readFileSync(this.file, 'utf8');
  }

  /**
   * Issues a certificate for a public host name or an IP address.
   * @param days validity in days; with 0, the certificate expires within a second
   */
  issue(host: string, days = 90): KeyPair {
    this.issueTo(host, `subjectAltName=${isIP(host) ? 'IP' : 'DNS'}:${host}`, 'intermediate', days);
    const chain = [host, 'intermediate'].map((name) => readFileSync(this.path(`${name}.crt`), 'utf8'));
    return { 'tls.crt': chain.join(''), 'tls.key': readFileSync(this.path(`${host}.key`), 'utf8') };
  }

  private issueTo(name: string, extension: string, issuer = name, days = 90): void {
    const [key, request, certificate] = ['key', 'csr', 'crt'].map((suffix) => this.path(`${name}.${suffix}`));
    const extensions = this.path(`${name}.ext`);
    writeFileSync(extensions, extension);
    const keyArgs = [...KEY_ARGS[this.keys], '-keyout', `${key}`];
    run('openssl', 'req', '-new', ...keyArgs, '-subj', `/CN=${name}`, '-out', `${request}`);
    const signer = issuer === name ? ['-signkey', `${key}`] : this.signerArgs(issuer);
    const validity = ['-days', `${days}`, '-extfile', extensions];
    run('openssl', 'x509', '-req', '-in', `${request}`, ...signer, ...validity, '-out', `${certificate}`);
  }

  private signerArgs(issuer: string): string[] {
    return ['-CA', this.path(`${issuer}.crt`), '-CAkey', this.path(`${issuer}.key`), '-CAcreateserial'];
  }

  private path(file: string): string {
    return join(this.folder, file);
  }
}
