import type { NetNamespace } from './net-namespace';
import type { ClientFiles } from './node-authority';
import { program, tryRun } from './programs';

/** Options of an HTTP request. */
export interface RequestOptions {
  /** HTTP method. @default "GET" */
  readonly method?: string;
  /** Body of the request. @default - no body */
  readonly body?: string | Buffer;
  /** Headers of the request. @default - no additional headers */
  readonly headers?: Readonly<Record<string, string>>;
  /** Basic Auth user. @default - no user */
  readonly user?: { readonly username: string; readonly password: string };
  /** IP address to connect to for the host of the URL. @default - the host of the URL must be an IP address */
  readonly address?: string;
  /** Path of the CA certificate that verifies the server. @default - the system's CA certificates */
  readonly authorityFile?: string;
  /** Client certificate. @default - none */
  readonly certificate?: ClientFiles;
  /**
   * Timeout in seconds, for the connection and for the response.
   * @default - 20 s for the connection and 120 s for the response, which is enough for a slow machine
   */
  readonly seconds?: number;
}

export interface Response {
  readonly status: number;
  readonly body: string;
  /** The header `WWW-Authenticate` with the realm of a Basic Auth challenge. Empty if there is no challenge. */
  readonly challenge: string;
}

/** Sends a request to a web server from a network namespace. @throws Error if there is no response */
export async function request(
  from: NetNamespace,
  url: string,
  options: RequestOptions = {},
): Promise<Response> {
  const arguments_ = [
    ...['--silent', '--show-error', '--write-out', '\n%{http_code} %header{www-authenticate}'],
    // The connection has a shorter timeout than the response, because a connection error is known earlier.
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
