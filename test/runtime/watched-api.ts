import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Manifest } from '../support/manifests';
import type { Cluster } from './cluster';
import { endProgram, program, spawnKilledWithParent } from './programs';
import { eventually } from './wait';
import server from './watched-api-server/main.mjs?bundle';

/** An API server for Nodes and ConfigMaps, for programs in pods that list and watch these objects. */
export class WatchedApi {
  private readonly objects = new Map<string, Manifest>();
  private readonly key: string;
  private readonly certificate: string;
  private readonly program: string;
  private version = 1;
  private process?: ChildProcess;

  constructor(private readonly cluster: Cluster) {
    const files = cluster.authority.issue(cluster.internet.address);
    this.key = join(cluster.folder, 'api.key');
    this.certificate = join(cluster.folder, 'api.crt');
    this.program = join(cluster.folder, 'api.mjs');
    writeFileSync(this.program, server);
    writeFileSync(this.key, files['tls.key']);
    writeFileSync(this.certificate, files['tls.crt']);
  }

  /** Starts the API server. @param empties whether lists of nodes are empty, as with a server whose store is broken */
  async start(empties = false): Promise<void> {
    const { router, address } = this.cluster.internet;
    this.version += 1_000;
    const contents = JSON.stringify({ version: this.version, empties, objects: [...this.objects.values()] });
    const command = [program('node'), this.program, this.key, this.certificate, address, contents];
    const child = spawnKilledWithParent(['nsenter', ...router.entry, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.process = child;
    this.cluster.cleanup.add(() => endProgram(child));
    let listens = false;
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', () => {
      listens = true;
    });
    await eventually('the API server listens', () => listens);
  }

  /** Stops the API server without responses to open requests. The objects are kept for the next start. */
  stop(): void {
    this.process?.kill('SIGKILL');
    this.process = undefined;
  }

  put(object: Manifest): void {
    this.objects.set(idOf(object), object);
    this.sendChange({ put: object });
  }

  remove(object: Manifest): void {
    this.objects.delete(idOf(object));
    this.sendChange({ remove: object });
  }

  /** Makes the lists of nodes complete again. */
  heal(): void {
    this.sendChange({ heals: true });
  }

  /** Forgets all earlier changes, so that watches from an earlier version end with error 410. */
  forget(): void {
    this.sendChange({ forgets: true });
  }

  private sendChange(what: object): void {
    this.process?.stdin?.write(`${JSON.stringify(what)}\n`);
  }
}

const idOf = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;
