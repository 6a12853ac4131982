import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { RenderedObject } from '../../lib/tools/synthesis/render';

const PATH = `/opt/edge-observability-e2e/usr/bin:${process.env.PATH}`;

/** Calls of programs that judge configurations, each of one content once. */
export class Programs {
  /** How many files, or arguments, each program judged. */
  readonly judged: Record<string, number> = { promtool: 0, amtool: 0, vmagent: 0, node_exporter: 0 };
  private readonly seen = new Set<string>();
  private readonly available: ReadonlySet<string>;

  constructor() {
    const programs = {
      promtool: 'promtool',
      amtool: 'amtool',
      vmagent: 'vmagent',
      node_exporter: 'prometheus-node-exporter',
    };
    const found = Object.entries(programs).filter(
      ([, program]) => run(program, ['--version']).error === undefined,
    );
    this.available = new Set(found.map(([name]) => name));
  }

  /** Programs that are not installed, whose verdict is therefore missing. */
  get missing(): readonly string[] {
    return Object.keys(this.judged).filter((name) => !this.available.has(name));
  }

  /** What programs say against the objects of an app; undefined where all take them. */
  problem(objects: readonly RenderedObject[]): string | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
    try {
      for (const { manifest } of objects) {
        const problem = this.configProblem(folder, manifest) ?? this.argumentsProblem(manifest);
        if (problem) return problem;
      }
      return undefined;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private configProblem(
    folder: string,
    { metadata, data = {} }: RenderedObject['manifest'],
  ): string | undefined {
    // Loki's own rules are in another language.
    if (/loki/.test(metadata.name)) return undefined;
    const rules = Object.entries<string>(data).filter(([, text]) => text.startsWith('groups:'));
    // A group of rules may have the name of a program, too.
    const files: Readonly<Record<string, string>> = rules.length ? {} : data;
    const { 'prometheus.yaml': prometheus, 'alertmanager.yaml': alertmanager, 'scrape.yaml': scrape } = files;
    return (
      (prometheus &&
        this.ask('promtool', prometheus, () =>
          config(folder, 'prometheus.yaml', { ...parse(prometheus), rule_files: [] }, ['check', 'config']),
        )) ||
      (alertmanager &&
        this.ask('amtool', alertmanager, () =>
          config(folder, 'alertmanager.yaml', { ...parse(alertmanager), templates: [] }, ['check-config']),
        )) ||
      (scrape && this.ask('vmagent', scrape, () => vmagent(folder, scrape))) ||
      (rules.length && this.ask('promtool', JSON.stringify(rules), () => ruleFiles(folder, rules))) ||
      undefined
    );
  }

  /** Its parser reads all flags before it says its version. */
  private argumentsProblem({ spec }: RenderedObject['manifest']): string | undefined {
    const containers: { image: string; args?: string[] }[] = spec?.template?.spec?.containers ?? [];
    const exporter = containers.find(({ image }) => /node-exporter[:@]/.test(image));
    // Collectors that the installed release is too old for: a test compares the list.
    const args = (exporter?.args ?? []).filter((argument) => !/dmmultipath|nvmesubsystem/.test(argument));
    return (
      exporter &&
      this.ask('node_exporter', JSON.stringify(args), () =>
        run('prometheus-node-exporter', [...args, '--version']),
      )
    );
  }

  private ask(name: string, content: string, call: () => ReturnType<typeof run>): string | undefined {
    const key = name + createHash('sha256').update(content).digest('base64');
    if (!this.available.has(name) || this.seen.has(key)) return undefined;
    this.seen.add(key);
    this.judged[name] = (this.judged[name] ?? 0) + 1;
    const { status, stdout, stderr } = call();
    return status === 0 ? undefined : `${name}: ${`${stderr}${stdout}`.slice(-600)}`;
  }
}

function config(folder: string, file: string, content: object, command: readonly string[]) {
  const path = join(folder, file);
  writeFileSync(path, stringify(content));
  return run(file === 'prometheus.yaml' ? 'promtool' : 'amtool', [
    ...command,
    ...(file === 'prometheus.yaml' ? ['--syntax-only'] : []),
    path,
  ]);
}

function ruleFiles(folder: string, rules: readonly (readonly [string, string])[]) {
  const paths = rules.map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
  return run('promtool', ['check', 'rules', '--lint=none', ...paths]);
}

function vmagent(folder: string, scrape: string) {
  mkdirSync(join(folder, 'queue'), { recursive: true });
  writeFileSync(join(folder, 'scrape.yaml'), scrape);
  return run('vmagent', [
    '-dryRun',
    `-promscrape.config=${join(folder, 'scrape.yaml')}`,
    '-promscrape.config.strictParse=true',
    '-remoteWrite.url=http://127.0.0.1:1/',
    `-remoteWrite.tmpDataPath=${join(folder, 'queue')}`,
  ]);
}

function run(program: string, args: readonly string[]) {
  return spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH, NODE_NAME: 'node', NODE_IP: '192.0.2.1' },
  });
}
