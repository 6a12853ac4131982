import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { connect, rootCertificates } from 'node:tls';
import { REFUSED_STATUS_HEADER } from '../../contracts/endpoint';

/** The certificate that a host presents. */
export interface HostCertificate {
  /** Reason why the certificate is not trusted, such as `CERT_HAS_EXPIRED`. @default - the certificate is trusted */
  readonly trustError?: string;
  readonly expires: Date;
}

/** Certificate and private key of a node, in PEM format. */
export interface NodeKeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A push of test data, with Basic Auth or with the certificate of a node. */
export interface PushRequest {
  readonly method: 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** User and password as `user:password`. @default - the request contains no password */
  readonly auth?: string;
  /** Client certificate. @default - no client certificate is presented */
  readonly certificate?: NodeKeyPair;
  /**
   * Private CA certificate in PEM format that is trusted in addition to the public CA certificates.
   * @default - only public CA certificates are trusted
   */
  readonly ca?: string;
}

/** Functions that access the public hosts from this machine. */
export interface Network {
  /** Returns the addresses of a host. Returns an empty list if there is no DNS record. */
  readonly resolveHost: (host: string) => Promise<readonly string[]>;
  /** Reads the certificate of a host from port 443. @throws Error when no TLS server responds within 10 seconds. */
  readonly readCertificate: (host: string, ca?: string) => Promise<HostCertificate>;
  /**
   * Sends a request and returns the HTTP status. A guard (the nginx that checks pushes) may respond to log agents with
   * 503 instead of a status such as 401, so that they retry. The function then returns 401.
   * @throws Error when there is no response within 10 seconds.
   */
  readonly push: (request: PushRequest) => Promise<number>;
  /** Requests a URL with GET, and returns the status and the text. @throws Error when there is no response within 10 seconds. */
  readonly read: (request: Omit<PushRequest, 'method' | 'body'>) => Promise<{ status: number; text: string }>;
  readonly now: () => Date;
}

/** Maximum time without a response on a connection, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Functions that access the public hosts with the DNS resolver and the TLS library of this machine. */
export const network: Network = {
  resolveHost: async (host) => {
    const answers = await lookup(host, { all: true }).catch(ignoreUnknownHostError);
    return answers.map(({ address }) => address);
  },
  readCertificate: (host, ca) =>
    new Promise((resolve, reject) => {
      const socket = connect({
        host,
        servername: host,
        port: 443,
        rejectUnauthorized: false,
        ...tlsOptionsWithCa(ca),
      });
      const closeSocketAndSettle = (settle: () => void) => {
        socket.destroy();
        settle();
      };
      socket.setTimeout(TIMEOUT_MS, () =>
        closeSocketAndSettle(() => reject(new Error('no response on port 443'))),
      );
      socket.once('error', (error) => closeSocketAndSettle(() => reject(error)));
      socket.once('secureConnect', () => {
        const { authorized, authorizationError: refusal } = socket;
        const expires = new Date(socket.getPeerCertificate().valid_to);
        closeSocketAndSettle(() => resolve({ expires, ...(!authorized && { trustError: String(refusal) }) }));
      });
    }),
  push: ({ url, body, ca, certificate, ...options }) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { ...options, ...certificate, ...tlsOptionsWithCa(ca) }, (answer) => {
        answer.resume();
        const meant = answer.headers[REFUSED_STATUS_HEADER.toLowerCase()];
        resolve(Number(meant ?? answer.statusCode));
      });
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('no response')));
      sent.once('error', reject);
      sent.end(body);
    }),
  read: ({ url, ca, certificate, headers, auth }) =>
    new Promise((resolve, reject) => {
      const options = { headers, auth, ...certificate, ...tlsOptionsWithCa(ca) };
      const sent = request(url, options, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.once('error', reject);
        answer.once('end', () =>
          resolve({ status: Number(answer.statusCode), text: Buffer.concat(parts).toString() }),
        );
      });
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('no response')));
      sent.once('error', reject);
      sent.end();
    }),
  now: () => new Date(),
};

/** Handles an error of a DNS lookup. Returns an empty list if the host is unknown. Throws any other error. */
function ignoreUnknownHostError(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOTFOUND') return [];
  throw error;
}

const tlsOptionsWithCa = (ca?: string) => (ca === undefined ? {} : { ca: [...rootCertificates, ca] });
