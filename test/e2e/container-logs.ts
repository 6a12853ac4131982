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
import type { Node } from '../runtime/node';

/** Containers that write at once. */
export const CONTAINERS = 20;

/** The container runtime splits a line after this number of bytes. */
const RUNTIME_BUFFER = /.{1,16384}/g;

/** Characters that Docker escapes in JSON in addition to the required ones. */
const DOCKER_ESCAPES = /[<>&]/g;
const escaped = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Log files for the kubelet: in CRI's format, or in that of Docker's json-file driver. */
export type FileFormat = 'CRI' | 'Docker';

/** Files of containers on a node, in the format of the CRI where no other is named. */
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
  append(container: number, lines: readonly (string | Buffer)[], namespace?: string): void {
    this.put(
      container,
      lines.flatMap((line) => this.piece('F', line)),
      namespace,
    );
  }

  /** Writes lines as the runtime does that are longer than its buffer. */
  appendInParts(container: number, lines: readonly string[], format: FileFormat = 'CRI'): void {
    for (const line of lines) {
      const parts = line.match(RUNTIME_BUFFER) ?? [];
      this.put(
        container,
        parts.flatMap((part, index) => {
          const ended = index === parts.length - 1;
          return format === 'CRI' ? this.piece(ended ? 'F' : 'P', part) : this.dockerPiece(part, ended);
        }),
      );
    }
  }

  /** Rotates as the kubelet does: it compresses the previously rotated file, and renames the current one. */
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

  private put(container: number, pieces: readonly Buffer[], namespace?: string): void {
    const folder = this.folder(container, namespace);
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, '0.log'), Buffer.concat(pieces));
  }

  private piece(tag: 'F' | 'P', text: string | Buffer): Buffer[] {
    return [Buffer.from(`${this.time()} stdout ${tag} `), Buffer.from(text), Buffer.from('\n')];
  }

  private dockerPiece(text: string, ended: boolean): Buffer[] {
    const log = ended ? `${text}\n` : text;
    const json = JSON.stringify({ log, stream: 'stdout', time: this.time() });
    return [Buffer.from(`${json.replace(DOCKER_ESCAPES, escaped)}\n`)];
  }

  /** Nanoseconds that no line before had. */
  private time(): string {
    this.lastTime = Math.max(this.lastTime + 1, Date.now() * 1_000);
    const milliseconds = Math.floor(this.lastTime / 1_000);
    const micros = String(this.lastTime % 1_000).padStart(3, '0');
    return new Date(milliseconds).toISOString().replace('Z', `${micros}000Z`);
  }
}
