import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CloudChart, EdgeChart, type Environment, GitOpsChart, type Settings } from '../../lib';
import type { Environments } from '../../lib/tools/synthesis/environment';
import { synthesize } from '../../lib/tools/synthesis/synthesize';
import packageJson from '../../package.json';
import { type CodeBlock, codeBlocks, markdownFiles } from '../support/code-blocks';
import { exampleManifests } from '../support/examples';
import type { Manifest } from '../support/manifests';
import { createRecordedIo } from '../support/recorded-io';
import { executeSource, typeErrors } from '../support/typescript';

const blocks = markdownFiles().flatMap(codeBlocks);
const written = (language: string): [string, CodeBlock][] =>
  blocks.filter((block) => block.language === language).map((block) => [block.place, block]);

/** Languages of code blocks that a test compiles, runs or parses; test/e2e tests those of client libraries. */
const CHECKED = ['ts', 'sh', 'go', 'java', 'js', 'python', 'mermaid'];

/** The statements of Mermaid's flowcharts that the pages use: a start, groups, and arrows between nodes. */
const MERMAID = {
  node: String.raw`[a-z]\w*(?:\[[^[\](){}|"]+\])?`,
  arrow: String.raw` -->(?:\|[^|[\](){}"]+\|)? `,
};
const MERMAID_LINE = new RegExp(
  `^(?:flowchart (?:LR|TB)|subgraph [a-z]\\w*(?: \\[[^[\\](){}]+\\])?|end|${MERMAID.node}(?:${MERMAID.arrow}${MERMAID.node})+)$`,
);

/** Output of programs, which cannot be run. */
const OUTPUT = 'text';

/** Parses each argument as a script. Starting a process from a shell takes less time than from a process of tests. */
const PARSE = 'for code; do printf %s "$code" | sh -n 2>&1 && echo parsed; printf "\\0"; done';

/** Returns what the shell says about each script, and whether it could parse it. */
const syntaxErrors = (codes: readonly string[]): string[] =>
  execFileSync('sh', ['-c', PARSE, 'sh', ...codes], { encoding: 'utf8' }).split('\0');

const root = resolve('.');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docs-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

test('every code block says its language, and is one that is checked', () => {
  const drawings = blocks.filter(({ language }) => language === '');
  expect(drawings.map(({ place }) => place.split(':')[0])).toEqual(['README.md', 'docs/architecture.md']);
  const languages = blocks
    .map(({ language }) => language)
    .filter((language) => language && language !== OUTPUT);
  expect(CHECKED).toEqual(expect.arrayContaining(languages));
});

test.each(written('mermaid'))('the diagram of %s is a flowchart that GitHub can draw', (_, { code }) => {
  const lines = code
    .trim()
    .split('\n')
    .map((line) => line.trim());
  expect(lines[0]).toMatch(/^flowchart/);
  expect(lines.filter((line) => !MERMAID_LINE.test(line))).toEqual([]);
  const count = (start: string) => lines.filter((line) => line.startsWith(start)).length;
  expect(count('end')).toBe(count('subgraph'));
});

describe('code in TypeScript', () => {
  const programs = written('ts');

  test('is there', () => expect(programs.length).toBeGreaterThan(3));

  test('has right types, as one who installed the package would see them', () => {
    programs.forEach(([, { code }], index) => {
      writeFileSync(join(folder, `${index}.ts`), code.replaceAll("'../lib'", `'${root}/lib'`));
    });
    expect(typeErrors(folder)).toBe('');
  });

  test.each(programs)('of %s synthesizes', (_, { code }) => {
    const dist = mkdtempSync(join(folder, 'dist-'));
    const before = process.env.CDK8S_OUTDIR;
    process.env.CDK8S_OUTDIR = dist;
    try {
      run(code);
    } finally {
      if (before === undefined) delete process.env.CDK8S_OUTDIR;
      else process.env.CDK8S_OUTDIR = before;
    }
    expect(readdirSync(dist)).not.toHaveLength(0);
  });
});

describe('shell commands', () => {
  const commands = written('sh');
  const dist = exampleManifests('reference');

  const codes = [...new Set(commands.map(([, { code }]) => code))];
  const errors = syntaxErrors(codes);

  test.each(commands)('of %s can be parsed', (_, { code }) => {
    expect(errors[codes.indexOf(code)]).toBe('parsed\n');
  });

  test.each(commands)('of %s name scripts and files that exist', (_, { code }) => {
    const scripts = [...code.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
    expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(scripts));
    const files = [...code.matchAll(/sh ([\w./-]+\.sh)/g)].map(([, path]) => path ?? '');
    expect(files.filter((path) => !existsSync(path))).toEqual([]);
  });

  test.each(commands)('of %s make Secrets that the manifests use', (_, { code }) => {
    for (const [, namespace = '', name = ''] of code.matchAll(/-n ([\w-]+) create secret generic (\S+)/g)) {
      expect(secretsOf(dist, namespace)).toContain(name);
    }
  });
});

/**
 * Runs a program that imports the package by its name. If it exports settings, or environments as files of environments/ do, these
 * are synthesized.
 */
function run(code: string): void {
  const packages = (name: string) =>
    require([packageJson.name, '../lib'].includes(name) ? '../../lib' : name);
  const { settings, ...environments } = executeSource(code, packages) as Environments & {
    settings?: Settings;
  };
  const shown = { ...environments, ...(settings && { shown: environmentOf(settings) }) };
  if (Object.keys(shown).length) expect(synthesize(shown, createRecordedIo().io)).toBe(0);
}

const environmentOf =
  (settings: Settings): Environment =>
  (app) => {
    const cloud = new CloudChart(app, 'cloud', { settings });
    const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
    if (settings.gitOps) new GitOpsChart(app, 'gitops', { settings, charts: [cloud, edge] });
  };

/** Secrets of a namespace that the manifests mount, or that an ingress reads. */
function secretsOf(manifests: readonly Manifest[], namespace: string): string[] {
  const text = JSON.stringify(manifests.filter(({ metadata }) => metadata.namespace === namespace));
  return [...text.matchAll(/(?:secretName|auth-secret)":"([^"]+)"/g)].map(([, name]) => name ?? '');
}
