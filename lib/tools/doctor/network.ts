import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { connect, rootCertificates } from 'node:tls';
import { REFUSED_STATUS_HEADER } from '../../contracts/endpoint';

/** The certificate that a host showed. */
export interface Shown {
  /** Why it is not trusted. @default - it is */
  readonly refusal?: string;
  readonly expires: Date;
}

/** A request with Basic Auth. */
export interface PushRequest {
  readonly method: 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** `user:password`. */
  readonly auth: string;
  /** An authority that is trusted beside the public ones. @default - none */
  readonly ca?: string;
}

/** The public Internet, as this machine sees it. */
export interface Network {
  /** Addresses of a host; none when DNS knows none. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** @throws Error when nobody answers with TLS. */
  readonly certificate: (host: string, ca?: string) => Promise<Shown>;
  /** The status of the answer, or the one that the guard says it stands for. @throws Error when there is none. */
  readonly push: (request: PushRequest) => Promise<number>;
  readonly now: () => Date;
}

/** For one connection. */
const PATIENCE_MS = 10_000;

/** This machine's network. */
export const network: Network = {
  resolve: async (host) => {
    const answers = await lookup(host, { all: true }).catch(unknownName);
    return answers.map(({ address }) => address);
  },
  certificate: (host, ca) =>
    new Promise((resolve, reject) => {
      const socket = connect({
        host,
        servername: host,
        port: 443,
        rejectUnauthorized: false,
        ...trusting(ca),
      });
      const end = (settle: () => void) => {
        socket.destroy();
        settle();
      };
      socket.setTimeout(PATIENCE_MS, () => end(() => reject(new Error('nobody answers at port 443'))));
      socket.once('error', (error) => end(() => reject(error)));
      socket.once('secureConnect', () => {
        const { authorized, authorizationError: refusal } = socket;
        const expires = new Date(socket.getPeerCertificate().valid_to);
        end(() => resolve({ expires, ...(!authorized && { refusal: String(refusal) }) }));
      });
    }),
  push: ({ url, body, ca, ...options }) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { ...options, ...trusting(ca) }, (answer) => {
        answer.resume();
        const meant = answer.headers[REFUSED_STATUS_HEADER.toLowerCase()];
        resolve(Number(meant ?? answer.statusCode));
      });
      sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error('it does not answer')));
      sent.once('error', reject);
      sent.end(body);
    }),
  now: () => new Date(),
};

/** A name that there is not is an answer; a server that does not answer is none. */
function unknownName(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOTFOUND') return [];
  throw error;
}

const trusting = (ca?: string) => (ca === undefined ? {} : { ca: [...rootCertificates, ca] });
