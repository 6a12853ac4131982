import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { connect, rootCertificates } from 'node:tls';
import { REFUSED_STATUS_HEADER } from '../../contracts/endpoint';

/** The certificate of a host. */
export interface HostCertificate {
  /** Reason why it is not trusted. @default - it is trusted */
  readonly trustError?: string;
  readonly expires: Date;
}

/** Certificate and key of a node, in PEM. */
export interface NodeKeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A request with Basic Auth, or with the certificate of a node. */
export interface PushRequest {
  readonly method: 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Credentials as `user:password`. @default - none */
  readonly auth?: string;
  /** @default - none is shown */
  readonly certificate?: NodeKeyPair;
  /** CA certificate to trust in addition to the public ones, in PEM. @default - none */
  readonly ca?: string;
}

/** Access to the public hosts from this machine. */
export interface Network {
  /** Returns the addresses of a host; empty if DNS has none. */
  readonly resolveHost: (host: string) => Promise<readonly string[]>;
  /** Returns the certificate of a host. @throws Error when there is no TLS server. */
  readonly readCertificate: (host: string, ca?: string) => Promise<HostCertificate>;
  /**
   * Sends a request and returns the status, or the original status that the guard replaced.
   * @throws Error when there is no response.
   */
  readonly push: (request: PushRequest) => Promise<number>;
  readonly now: () => Date;
}

/** Timeout of a connection. */
const TIMEOUT_MS = 10_000;

/** The network of this machine. */
export const network: Network = {
  resolveHost: async (host) => {
    const answers = await lookup(host, { all: true }).catch(emptyIfNotFound);
    return answers.map(({ address }) => address);
  },
  readCertificate: (host, ca) =>
    new Promise((resolve, reject) => {
      const socket = connect({
        host,
        servername: host,
        port: 443,
        rejectUnauthorized: false,
        ...caOption(ca),
      });
      const closeAndSettle = (settle: () => void) => {
        socket.destroy();
        settle();
      };
      socket.setTimeout(TIMEOUT_MS, () => closeAndSettle(() => reject(new Error('no response on port 443'))));
      socket.once('error', (error) => closeAndSettle(() => reject(error)));
      socket.once('secureConnect', () => {
        const { authorized, authorizationError: refusal } = socket;
        const expires = new Date(socket.getPeerCertificate().valid_to);
        closeAndSettle(() => resolve({ expires, ...(!authorized && { trustError: String(refusal) }) }));
      });
    }),
  push: ({ url, body, ca, certificate, ...options }) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { ...options, ...certificate, ...caOption(ca) }, (answer) => {
        answer.resume();
        const meant = answer.headers[REFUSED_STATUS_HEADER.toLowerCase()];
        resolve(Number(meant ?? answer.statusCode));
      });
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('it does not answer')));
      sent.once('error', reject);
      sent.end(body);
    }),
  now: () => new Date(),
};

/** An unknown name is a result; a failing DNS server is an error. */
function emptyIfNotFound(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOTFOUND') return [];
  throw error;
}

const caOption = (ca?: string) => (ca === undefined ? {} : { ca: [...rootCertificates, ca] });
