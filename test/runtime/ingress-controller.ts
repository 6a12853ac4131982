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
 * A small ingress-nginx: a real nginx on its own node, configured from Ingress objects and their Secrets. Public host
 * names resolve to it. Like ingress-nginx, it only reloads for new Ingress objects and certificates, because a reload
 * drops clients that have just connected. Users are read at each request. New pods need no reload, because pods keep
 * their addresses.
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
    this.updateConfiguration();
    cluster.onChange(() => this.updateConfiguration());
    cluster.cleanup.add(() => this.stop());
  }

  get address(): string {
    return this.node.address;
  }

  /** Access log: one request per line. */
  get accessLog(): string[] {
    const file = join(this.folder, 'access.log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** Error output of nginx. */
  get errorLog(): string {
    return this.said;
  }

  async start(): Promise<void> {
    const nginx = [program('nginx'), '-p', this.folder, '-c', 'nginx.conf'];
    // nginx must not outlive the tests, even if the tests are killed.
    const command = [...this.node.namespace.entry, program('setpriv'), '--pdeathsig', 'TERM', ...nginx];
    this.process = spawn(program('nsenter'), command, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr?.on('data', (text) => {
      this.said += text;
    });
    await this.passthrough?.start(this.passthroughRoutes);
    await eventually(
      () => `nginx responds; its error output:\n${this.said}`,
      () => request(this.node.namespace, `http://${this.address}/`),
    );
  }

  async stop(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    if (process) await endProgram(process);
  }

  private updateConfiguration(): void {
    const ingresses = this.cluster.objectsOfKind('Ingress');
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

  /** Pods by host, for hosts whose TLS is passed through. All paths of such a host belong to one Service. */
  private get passthroughRoutes(): Routes {
    const routes = this.cluster
      .objectsOfKind('Ingress')
      .filter(passesTls)
      .map(({ metadata, spec }) => {
        const [{ host, http }] = spec.rules;
        const { name, port } = http.paths[0].backend.service;
        const addresses = this.cluster.addressesOf(metadata.namespace ?? '', name);
        return [host, addresses.map((address) => ({ host: address, port: port.number }))];
      });
    return Object.fromEntries(routes);
  }

  /** Closes the passed-through connections, so that clients connect again. */
  async endConnections(): Promise<void> {
    await this.passthrough?.restart(this.passthroughRoutes);
  }

  /** Returns the address to which clients must connect for a public host. */
  addressOf(host: string): string {
    return this.passthrough && host in this.passthroughRoutes ? this.passthrough.address : this.address;
  }

  /** Contents of the files that nginx only reads at a reload: all files except the users. */
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
        return {
          certificateDirectives: this.writeKey(secret, 'tls.crt'),
          key: this.writeKey(secret, 'tls.key'),
        };
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

  /**
   * Replaces a file atomically, so that a concurrent request finds either the old or the new file. Returns the path of
   * the file.
   */
  private write(name: string, content: string | Buffer): string {
    const path = join(this.folder, name);
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
    this.written.set(name, content.toString());
    return path;
  }
}
