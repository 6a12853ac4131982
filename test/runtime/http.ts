import type { NetNamespace } from './net-namespace';
import type { ClientFiles } from './node-authority';
import { program, tryRun } from './programs';

/** A request to a web server. */
export interface RequestOptions {
  /** @default "GET" */
  readonly method?: string;
  /** @default - none */
  readonly body?: string | Buffer;
  /** @default - none */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default - no user */
  readonly user?: { readonly username: string; readonly password: string };
  /** Address of the URL's host, which is otherwise an address itself. */
  readonly address?: string;
  /** File with the authority of the host's certificate. */
  readonly authorityFile?: string;
  /** The certificate that it shows. @default - none */
  readonly certificate?: ClientFiles;
  /** Timeout of a response. @default - a hang ends it, a slow machine does not */
  readonly seconds?: number;
}

export interface Response {
  readonly status: number;
  readonly body: string;
  /** The realm of a Basic Auth challenge; empty without one. */
  readonly challenge: string;
}

/**
 * Asks a web server from inside a network namespace.
 *
 * @throws Error when there is no answer.
 */
export async function request(
  from: NetNamespace,
  url: string,
  options: RequestOptions = {},
): Promise<Response> {
  const arguments_ = [
    ...['--silent', '--show-error', '--write-out', '\n%{http_code} %header{www-authenticate}'],
    // A connection error is known earlier than a response.
    ...['--connect-timeout', `${options.seconds ?? 20}`, '--max-time', `${options.seconds ?? 120}`],
    ...flags(url, options),
  ];
  const command = [...from.entry, program('curl'), ...arguments_, url];
  const { code, stdout, stderr } = await tryRun('nsenter', command, { input: options.body });
  if (code !== 0) throw new Error(`${options.method ?? 'GET'} ${url}: ${stderr.trim()}`);
  const end = stdout.lastIndexOf('\n');
  const [status, ...challenge] = stdout.slice(end + 1).split(' ');
  return { status: Number(status), body: stdout.slice(0, end), challenge: challenge.join(' ') };
}

function flags(
  url: string,
  { method, body, headers = {}, user, address, authorityFile, certificate }: RequestOptions,
): string[] {
  const { hostname, port, protocol } = new URL(url);
  return [
    ...(method ? ['--request', method] : []),
    ...(body === undefined ? [] : ['--data-binary', '@-']),
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...(user ? ['--user', `${user.username}:${user.password}`] : []),
    ...(address ? ['--resolve', `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}:${address}`] : []),
    ...(authorityFile ? ['--cacert', authorityFile] : []),
    ...(certificate ? ['--cert', certificate.certificateFile, '--key', certificate.keyFile] : []),
  ];
}
