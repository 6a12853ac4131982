import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../runtime/free-port';
import { endProgram, run, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';

/** One of Debian's docker-registry, in a folder of its own. */
export interface Registry {
  /** As references of images name it. */
  readonly host: string;
  stop(): void;
}

const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';

/** Media types of an index and its manifests. */
export const FORMATS = {
  oci: {
    index: `${OCI}.index.v1+json`,
    manifest: `${OCI}.manifest.v1+json`,
    config: `${OCI}.config.v1+json`,
  },
  docker: {
    index: `${DOCKER}.distribution.manifest.list.v2+json`,
    manifest: `${DOCKER}.distribution.manifest.v2+json`,
    config: `${DOCKER}.container.image.v1+json`,
  },
} as const;

/** Starts a registry; without `auth`, anyone may push and pull. */
export async function startRegistry(folder: string, name: string, auth?: object): Promise<Registry> {
  const port = await freePort();
  const file = join(folder, `${name}.json`);
  const storage = { filesystem: { rootdirectory: join(folder, name) }, delete: { enabled: true } };
  const http = { addr: `127.0.0.1:${port}`, secret: 'secret' };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ version: 0.1, log: { level: 'error' }, storage, http, auth }));
  const process = spawnKilledWithParent(['docker-registry', 'serve', file], { stdio: 'ignore' });
  const host = `localhost:${port}`;
  await eventually(`${name} answers`, async () => (await fetch(`http://${host}/v2/`)).status < 500);
  return { host, stop: () => endProgram(process, 'SIGKILL') };
}

/** Issues tokens for a registry: to anyone for public repositories, to the user for all. */
export class TokenServer {
  readonly users = new Map<string, string>();
  /** Repositories that anybody may pull. */
  readonly public = new Set<string>();
  private readonly server: Server;
  private readonly key: string;

  constructor(folder: string) {
    const [key, certificate] = ['token.key', 'token.crt'].map((name) => join(folder, name));
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    run(
      'openssl',
      'req',
      '-x509',
      ...ec,
      '-subj',
      '/CN=tokens',
      '-keyout',
      `${key}`,
      '-out',
      `${certificate}`,
    );
    this.certificate = `${certificate}`;
    this.key = readFileSync(`${key}`, 'utf8');
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { searchParams } = new URL(request.url ?? '', 'http://localhost');
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        const user = userOf(request.headers.authorization, form, this.users);
        response.statusCode = user === undefined ? 401 : 200;
        const scope = searchParams.get('scope') ?? form.get('scope') ?? '';
        response.end(JSON.stringify(user === undefined ? {} : { token: this.token(scope, user !== '') }));
      });
    });
  }

  readonly certificate: string;

  async start(): Promise<object> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as AddressInfo;
    const realm = `http://localhost:${port}/token`;
    return { token: { realm, service: 'registry', issuer: 'tokens', rootcertbundle: this.certificate } };
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private token(scope: string, isUser: boolean): string {
    const [type, name = '', actions = ''] = scope.split(':');
    const allowed = isUser ? actions.split(',') : this.public.has(name) ? ['pull'] : [];
    const seconds = Math.floor(Date.now() / 1_000);
    const x5c = [new X509Certificate(readFileSync(this.certificate)).raw.toString('base64')];
    const claims = {
      ...{ iss: 'tokens', aud: 'registry', sub: '', jti: `${seconds}`, iat: seconds, nbf: seconds - 60 },
      ...{ exp: seconds + 300, access: scope ? [{ type, name, actions: allowed }] : [] },
    };
    const text = [{ typ: 'JWT', alg: 'ES256', x5c }, claims].map(encoded).join('.');
    const key = { key: createPrivateKey(this.key), dsaEncoding: 'ieee-p1363' } as const;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  }
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The user name; empty for anonymous, undefined for an invalid login. A password is also a refresh token. */
function userOf(
  header: string | undefined,
  form: URLSearchParams,
  users: ReadonlyMap<string, string>,
): string | undefined {
  if (form.has('refresh_token')) {
    const given = form.get('refresh_token');
    return [...users].find(([, password]) => password === given)?.[0];
  }
  if (header === undefined) return '';
  const login = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
  const [, name = '', password] = /^([^:]*):(.*)$/.exec(login) ?? [];
  return users.has(name) && users.get(name) === password ? name : undefined;
}

/** Pushes an image by the registry's API. */
export class Pusher {
  constructor(
    private readonly host: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /** An index with a member for each platform; its digest. `content` makes it another one. */
  async index(
    repository: string,
    tag: string,
    platforms: readonly string[],
    { content = '', format = FORMATS.oci as (typeof FORMATS)[keyof typeof FORMATS] } = {},
  ): Promise<string> {
    const manifests = [];
    for (const platform of platforms) {
      const [os, architecture, variant] = platform.split('/');
      const member = await this.manifest(repository, { os, architecture, variant, content }, format);
      const digest = await this.putManifest(repository, undefined, member, format.manifest);
      const size = Buffer.byteLength(member);
      manifests.push({ mediaType: format.manifest, digest, size, platform: { os, architecture, variant } });
    }
    const index = JSON.stringify({ schemaVersion: 2, mediaType: format.index, manifests });
    return this.putManifest(repository, tag, index, format.index);
  }

  /** An image without an index. */
  async single(repository: string, tag: string, platform: string, format = FORMATS.oci): Promise<string> {
    const [os, architecture, variant] = platform.split('/');
    const manifest = await this.manifest(repository, { os, architecture, variant }, format);
    return this.putManifest(repository, tag, manifest, format.manifest);
  }

  private async manifest(
    repository: string,
    config: object,
    format: (typeof FORMATS)[keyof typeof FORMATS],
  ): Promise<string> {
    const body = JSON.stringify({ ...config, config: {}, rootfs: { type: 'layers', diff_ids: [] } });
    const digest = digestOf(body);
    const { headers } = await this.send('POST', `${repository}/blobs/uploads/`);
    const place = new URL(headers.get('location') ?? '', `http://${this.host}`);
    place.searchParams.set('digest', digest);
    await this.send('PUT', place, body, 'application/octet-stream');
    const described = { mediaType: format.config, digest, size: Buffer.byteLength(body) };
    return JSON.stringify({ schemaVersion: 2, mediaType: format.manifest, config: described, layers: [] });
  }

  private async putManifest(repository: string, tag: string | undefined, body: string, type: string) {
    await this.send('PUT', `${repository}/manifests/${tag ?? digestOf(body)}`, body, type);
    return digestOf(body);
  }

  private async send(method: string, path: string | URL, body?: string, type?: string): Promise<Response> {
    const url = typeof path === 'string' ? `http://${this.host}/v2/${path}` : path;
    const headers = { ...this.headers, ...(type && { 'content-type': type }) };
    const response = await fetch(url, { method, body, headers });
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    return response;
  }
}

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
