import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../support/manifests';
import type { Cluster } from './cluster';
import { request } from './http';
import nginxConf from './nginx.conf';
import { nginxServers, passesTls, type References } from './nginx-servers';
import type { Node } from './node';
import { endProgram, program } from './programs';
import { type Routes, TlsPassthrough } from './tls-passthrough';
import { contents } from './volumes';
import { eventually } from './wait';

/**
 * ingress-nginx in small: a real nginx on a node of its own, configured from the Ingress objects and
 * their Secrets. Like the original it reloads, which costs clients that have just connected their
 * connection, for nothing else than new Ingress objects and certificates: users are read at each request,
 * and pods that come and go keep their addresses. Public names lead to it.
 */
export class IngressController {
  private readonly folder: string;
  private readonly written = new Map<string, string>();
  private process?: ChildProcess;
  private said = '';
  private passthrough?: TlsPassthrough;

  constructor(
    private readonly cluster: Cluster,
    private readonly node: Node,
  ) {
    this.folder = join(cluster.folder, 'ingress');
    mkdirSync(join(this.folder, 'secrets'), { recursive: true });
    writeFileSync(join(this.folder, 'nginx.conf'), nginxConf);
    this.sync();
    cluster.onChange(() => this.sync());
    cluster.cleanup.add(() => this.stop());
  }

  get address(): string {
    return this.node.address;
  }

  /** Requests that came in, one a line. */
  get accessLog(): string[] {
    const file = join(this.folder, 'access.log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** Log of nginx. */
  get errorLog(): string {
    return this.said;
  }

  async start(): Promise<void> {
    const nginx = [program('nginx'), '-p', this.folder, '-c', 'nginx.conf'];
    // It must not outlive the tests, even when they are killed.
    const command = [...this.node.namespace.entry, program('setpriv'), '--pdeathsig', 'TERM', ...nginx];
    this.process = spawn(program('nsenter'), command, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr?.on('data', (text) => {
      this.said += text;
    });
    await this.passthrough?.start(this.passedOn);
    await eventually(
      () => `nginx answers; it says:\n${this.said}`,
      () => request(this.node.namespace, `http://${this.address}/`),
    );
  }

  async stop(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    if (process) await endProgram(process);
  }

  private sync(): void {
    const ingresses = this.cluster.all('Ingress');
    for (const ingress of ingresses) {
      if (passesTls(ingress)) this.passthrough ??= new TlsPassthrough(this.cluster);
      const address = passesTls(ingress) && this.passthrough ? this.passthrough.address : this.address;
      for (const { host } of ingress.spec.rules) this.cluster.publish(host, address);
    }
    const loaded = this.loadedFiles;
    const ended = ingresses.filter((ingress) => !passesTls(ingress));
    this.write('servers.conf', nginxServers(ended, this.references));
    if (this.loadedFiles !== loaded) this.process?.kill('SIGHUP');
  }

  /** Destinations of hosts whose TLS is passed through; all paths of a host belong to one Service. */
  private get passedOn(): Routes {
    const routes = this.cluster
      .all('Ingress')
      .filter(passesTls)
      .map(({ metadata, spec }) => {
        const [{ host, http }] = spec.rules;
        const { name, port } = http.paths[0].backend.service;
        const addresses = this.cluster.addressesOf(metadata.namespace ?? '', name);
        return [host, addresses.map((address) => ({ host: address, port: port.number }))];
      });
    return Object.fromEntries(routes);
  }

  /** Closes passed-through connections, so that clients reconnect. */
  async endConnections(): Promise<void> {
    await this.passthrough?.restart(this.passedOn);
  }

  /** Address of a public host for clients. */
  addressOf(host: string): string {
    return this.passthrough && host in this.passedOn ? this.passthrough.address : this.address;
  }

  /** Files that nginx only reads on reload. */
  private get loadedFiles(): string {
    return [...this.written].filter(([name]) => !name.endsWith('-auth')).join();
  }

  private get references(): References {
    const { cluster } = this;
    return {
      address: (namespace, service, port) => {
        const address = cluster.addressOf(namespace, service);
        return address && `${address}:${port}`;
      },
      certificate: (namespace, name) => {
        const secret = cluster.object('Secret', namespace, name);
        return { certificate: this.writeKey(secret, 'tls.crt'), key: this.writeKey(secret, 'tls.key') };
      },
      authorities: (namespace, name) => this.writeKey(cluster.object('Secret', namespace, name), 'ca.crt'),
      users: (namespace, name) => this.writeKey(cluster.object('Secret', namespace, name), 'auth'),
    };
  }

  private writeKey(secret: Manifest, key: string): string {
    const { namespace, name } = secret.metadata;
    const content = contents(secret)[key];
    if (!content) throw new Error(`Secret ${namespace}/${name} has no key ${key}`);
    return this.write(`secrets/${namespace}-${name}-${key}`, content);
  }

  /** Replaces a file at once: a request that is on its way finds the old one or the new one. */
  private write(name: string, content: string | Buffer): string {
    const path = join(this.folder, name);
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
    this.written.set(name, content.toString());
    return path;
  }
}
