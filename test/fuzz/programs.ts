import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RenderedObject } from '../../lib/tools/synthesis/render';
import { type Question, questionsOf } from './questions';

const PATH = `/opt/edge-observability-e2e/usr/bin:${process.env.PATH}`;

/** Programs that validate manifests: the executable of each, and the maximum number of files per call. */
const PROGRAMS: Readonly<Record<Question['program'], { command?: string; version: string; atOnce: number }>> =
  {
    promtool: { command: 'promtool', version: '--version', atOnce: 40 },
    'promtool rules': { command: 'promtool', version: '--version', atOnce: 40 },
    amtool: { command: 'amtool', version: '--version', atOnce: 40 },
    nginx: { command: 'nginx', version: '-v', atOnce: 1 },
    'nginx-js': { command: 'nginx-js', version: '-v', atOnce: 1 },
    vmagent: { command: 'vmagent', version: '-version', atOnce: 1 },
    node_exporter: { command: 'prometheus-node-exporter', version: '--version', atOnce: 1 },
    loki: { command: process.env.E2E_LOKI, version: '-version', atOnce: 1 },
    'fluent-bit': { command: process.env.E2E_FLUENT_BIT, version: '--version', atOnce: 1 },
    promtail: { command: process.env.E2E_PROMTAIL, version: '-version', atOnce: 1 },
  };

interface Asked extends Question {
  /** The case that contains it. */
  readonly of: string;
  readonly folder: string;
}

/** Asks programs about what cases rendered, each about the same content once, and about many files in a call. */
export class Programs {
  /** How many contents each program judged. */
  readonly judged: Record<string, number> = {};
  private readonly folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  private readonly available: ReadonlySet<string>;
  private readonly seen = new Set<string>();
  private readonly waiting = new Map<string, Asked[]>();

  constructor() {
    const found = Object.entries(PROGRAMS).filter(
      ([, { command, version }]) => command && !run(command, [version]).error,
    );
    this.available = new Set(found.map(([name]) => name));
  }

  /** Programs that are not installed, or not named by their variable, whose verdict is therefore missing. */
  get missing(): readonly string[] {
    return Object.keys(PROGRAMS).filter((name) => !this.available.has(name));
  }

  /** Returns the errors of programs for these objects, and for those of earlier cases that were queued. */
  ask(of: string, objects: readonly RenderedObject[]): string[] {
    return questionsOf(objects).flatMap((question) => {
      const { program } = question;
      const key = createHash('sha256').update(JSON.stringify(question)).digest('base64');
      if (!this.available.has(program) || this.seen.has(key)) return [];
      this.seen.add(key);
      this.judged[program] = (this.judged[program] ?? 0) + 1;
      const folder = join(this.folder, String(this.seen.size));
      const waiting = [...(this.waiting.get(program) ?? []), { ...question, of, folder }];
      this.waiting.set(program, waiting);
      return waiting.length < PROGRAMS[program].atOnce ? [] : this.askWaiting(program);
    });
  }

  /** Returns the errors of programs for all queued objects. */
  askRest(): string[] {
    const problems = [...this.waiting.keys()].flatMap((program) =>
      this.askWaiting(program as Question['program']),
    );
    rmSync(this.folder, { recursive: true, force: true });
    return problems;
  }

  private askWaiting(program: Question['program']): string[] {
    const waiting = this.waiting.get(program) ?? [];
    this.waiting.set(program, []);
    const problem = askTogether(waiting);
    const problems = problem && waiting.length > 1 ? waiting.map((one) => askTogether([one])) : [problem];
    for (const { folder } of waiting) rmSync(folder, { recursive: true, force: true });
    return problems.filter((one) => one !== undefined);
  }
}

function askTogether(asked: readonly Asked[]): string | undefined {
  const [first] = asked;
  if (!first) return undefined;
  for (const { folder, files } of asked) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text.replaceAll('{folder}', folder));
    }
  }
  const own = asked.flatMap(({ folder, about }) => about.map((one) => one.replaceAll('{folder}', folder)));
  const { status, stdout, stderr } = run(PROGRAMS[first.program].command ?? '', [...first.args, ...own]);
  return status === 0 ? undefined : `${first.of}: ${first.program}: ${`${stderr}${stdout}`.slice(-600)}`;
}

function run(program: string, args: readonly string[]) {
  const env = { ...process.env, PATH, NODE_NAME: 'node', NODE_IP: '192.0.2.1', POD_IP: '192.0.2.2' };
  return spawnSync(program, args, { encoding: 'utf8', env, timeout: 300_000 });
}
