import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import packageJson from '../package.json';

const templates = readdirSync('.github/ISSUE_TEMPLATE').map(
  (file) => [file, parse(readFileSync(`.github/ISSUE_TEMPLATE/${file}`, 'utf8'))] as const,
);

test('the package says where it comes from, and its links name the same place', () => {
  const home = packageJson.homepage.replace(/#.*$/, '');
  expect(packageJson.repository.url).toBe(`git+${home}.git`);
  expect(packageJson.bugs).toBe(`${home}/issues`);
  const [, { contact_links: links }] = templates.find(([file]) => file === 'config.yml') ?? ['', {}];
  expect(links.length).toBeGreaterThan(0);
  for (const { url } of links) {
    expect(url).toMatch(new RegExp(`^${home}/`));
    const [, page] = /\/blob\/main\/(.+)$/.exec(url) ?? [];
    expect(page === undefined || existsSync(page)).toBe(true);
  }
});

test('every form asks for what it cannot do without, each field once, and warns of passwords where settings are asked for', () => {
  const forms = templates.filter(([file]) => file !== 'config.yml');
  expect(forms.map(([file]) => file)).toEqual(['fault.yml', 'wish.yml']);
  for (const [, { name, description, body }] of forms) {
    expect([name, description].every(Boolean)).toBe(true);
    const ids = body.flatMap(({ id }: { id?: string }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    expect(body.some(({ validations }: { validations?: object }) => validations)).toBe(true);
  }
  expect(JSON.stringify(templates[1])).toMatch(/leave out passwords/);
});

test('updates of dependencies are asked for where there are any', () => {
  const { version, updates } = parse(readFileSync('.github/dependabot.yml', 'utf8'));
  expect(version).toBe(2);
  const ecosystems = updates.map((update: { 'package-ecosystem': string }) => update['package-ecosystem']);
  expect(ecosystems).toEqual(['npm', 'github-actions']);
  const names = {
    ...packageJson.dependencies,
    ...packageJson.devDependencies,
    ...packageJson.peerDependencies,
  };
  for (const { 'dependency-name': name } of updates[0].ignore) expect(Object.keys(names)).toContain(name);
});

test('the Node of .nvmrc is the oldest that is supported', () => {
  expect(packageJson.engines.node).toBe(`>=${readFileSync('.nvmrc', 'utf8').trim()}`);
});

test('editors are told what the formatter does', () => {
  const { formatter } = JSON.parse(readFileSync('biome.json', 'utf8'));
  const editor = readFileSync('.editorconfig', 'utf8');
  expect(editor).toContain(`indent_size = ${formatter.indentWidth}\n`);
  expect(editor).toContain(`indent_style = ${formatter.indentStyle}\n`);
  expect(editor).toContain(`max_line_length = ${formatter.lineWidth}\n`);
});
