import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Node } from './runtime/node';

/** Containers that write at once. */
export const CONTAINERS = 20;

/** Files of containers on a node, in the format of the CRI. */
export class ContainerLogs {
  private lastTime = 0;

  constructor(private readonly node: Node) {}

  folder(container: number, namespace = 'many'): string {
    return this.node.path(`/var/log/pods/${namespace}_pod-${container}_1c2d/main`);
  }

  /** Writes lines of each container: a text and the number of the line. */
  write(text: string, lines: number): void {
    const all = Array.from({ length: lines }, (_, line) => `${text} ${line}`);
    for (let container = 0; container < CONTAINERS; container += 1) this.append(container, all);
  }

  /** Writes lines of a container, each later than all before. */
  append(container: number, lines: readonly (string | Buffer)[], namespace = 'many'): void {
    const folder = this.folder(container, namespace);
    mkdirSync(folder, { recursive: true });
    const parts = lines.flatMap((line) => [
      Buffer.from(`${this.time()} stdout F `),
      Buffer.from(line),
      Buffer.from('\n'),
    ]);
    appendFileSync(join(folder, '0.log'), Buffer.concat(parts));
  }

  /** As the kubelet rotates: it compresses what it rotated before, and gives the file another name. */
  rotate(stamp: string): void {
    for (let container = 0; container < CONTAINERS; container += 1) {
      const folder = this.folder(container);
      for (const name of readdirSync(folder).filter((one) => /^0\.log\.\d+-\d+$/.test(one))) {
        const file = join(folder, name);
        writeFileSync(`${file}.tmp`, gzipSync(readFileSync(file)));
        renameSync(`${file}.tmp`, `${file}.gz`);
        unlinkSync(file);
      }
      renameSync(join(folder, '0.log'), join(folder, `0.log.${stamp}`));
    }
  }

  /** Nanoseconds that no line before had. */
  private time(): string {
    this.lastTime = Math.max(this.lastTime + 1, Date.now() * 1_000);
    const milliseconds = Math.floor(this.lastTime / 1_000);
    const micros = String(this.lastTime % 1_000).padStart(3, '0');
    return new Date(milliseconds).toISOString().replace('Z', `${micros}000Z`);
  }
}
