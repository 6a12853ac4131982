import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { fluentBit, promtail } from '../../lib';
import { tryRun } from '../runtime/programs';
import { referenceDist } from '../stacks/reference-stack';
import { DOCKER_FILE, LOG_TASK, sampleLogLines } from '../support/log-samples';
import { configFile, loadManifests, type Manifest } from '../support/manifests';

const edge: Manifest[] = loadManifests(join(referenceDist(), 'edge'));

test('Docker’s lines become the CRI’s, by the template engine of agents in Go', async () => {
  const { scrape_configs } = parse(promtail().files(LOG_TASK)['promtail.yaml'] ?? '');
  const [stage] = scrape_configs[0].pipeline_stages.flatMap((stage: Manifest) =>
    (stage.match?.stages ?? []).flatMap((inner: Manifest) => inner.template ?? []),
  );
  const input = sampleLogLines(DOCKER_FILE).join('\n');
  const args = ['run', join(__dirname, 'fixtures/template.go'), stage.template];
  const { stdout, stderr } = await tryRun('go', args, { input });
  expect(stderr).toBe('');
  const time = '2026-05-04T10:00:00.123456789Z';
  expect(stdout.replace(/\n$/, '').split('\n')).toEqual([
    `${time} stdout F level=info msg="started"`,
    `${time} stdout P a long line that Docker `,
    `${time} stdout F cut in two`,
    `${time} stderr F über "quoted" \\ back`,
    `${time} stdout F `,
  ]);
});

test('Fluent Bit’s script names a line by its file, and takes off Docker’s newline', async () => {
  const folder = '/var/log/pods/kube-system_etcd-edge-1_5d6c8a/etcd';
  for (const file of [`${folder}/12.log`, `${folder}/12.log.20260504-100000`])
    expect(await named({ file, log: 'started\n', stream: 'stdout' })).toEqual({
      ...{ namespace: 'kube-system', pod: 'etcd-edge-1', container: 'etcd', job: 'kube-system/etcd' },
      ...{ log: 'started', stream: 'stdout' },
    });
});

test('Fluent Bit’s script leaves a line alone whose file it does not know', async () => {
  expect(await named({ file: '/var/log/other.log', log: 'line' })).toEqual({ log: 'line' });
});

test('Fluent Bit’s script gives lines a time that can be, in the order in which they were written', async () => {
  const said = await lua(`
    os.time = function() return 1800000000 end
    ${configFile(edge, FLUENT_BIT_CONFIG, 'times.lua')}
    for _, sec in ipairs({ 7, 7, 4070908800, 1799999999, 1800000299 }) do
      local code, time = replace_implausible_time("tag", { sec = sec, nsec = 5 }, {})
      io.write(code, " ", string.format("%d", time.sec), ".", time.nsec, "\\n")
    end`);
  expect(said.trim().split('\n')).toEqual([
    '1 1800000000.0',
    '1 1800000000.1',
    '1 1800000000.2',
    '0 1799999999.5',
    '0 1800000299.5',
  ]);
});

describe('after a start, Fluent Bit’s script', () => {
  const folder = '/var/log/pods/shop_web-1_0b7c/app';
  const [written, rotated] = [`${folder}/0.log`, `${folder}/0.log.20260504-100000`];
  /** Lines by file and second, of which an empty one lets three minutes pass. */
  const sent = (marks: string, lines: readonly [file: string, at: number][]) =>
    lua(`
      local clock = 1000
      os.time = function() return clock end
      ${withMarks(marks)}
      for _, line in ipairs({ ${lines.map(([file, at]) => `{"${file}", ${at}}`).join(', ')} }) do
        clock = clock + (line[1] == "" and 180 or 0)
        if label_line("tag", line[2], { file = line[1], log = "x" }) == 2 and line[1] ~= "" then
          io.write(line[2], " ")
        end
      end
      for line in io.lines(MARKS_FILE) do io.write(line) end`);
  let marks: string;

  beforeEach(() => {
    marks = join(mkdtempSync(join(tmpdir(), 'marks-')), 'marks');
    writeFileSync(marks, `100.000000 shop_web-1_0b7c/app\n`);
  });
  afterEach(() => rmSync(dirname(marks), { recursive: true }));

  test('drops what it sent of a rotated file, and nothing of the file that is written', async () => {
    expect(
      await sent(marks, [
        [rotated, 99],
        [rotated, 100],
        [rotated, 101],
        [written, 90],
        [written, 102],
      ]),
    ).toMatch(/^101 90 102 /);
  });

  test('keeps how far it read, behind by what may not be on the disk yet', async () => {
    const lines = [
      [written, 200],
      ['', 0],
      [written, 300],
      ['', 0],
    ] as const;
    expect(
      await sent(
        marks,
        lines.map(([file, at]) => [file, at]),
      ),
    ).toBe('200 300 200.000000 shop_web-1_0b7c/app');
  });

  test('keeps how far it read the rotated file, as long as that is read beside a newer one', async () => {
    const lines: [string, number][] = [
      [rotated, 150],
      [written, 300],
      ['', 0],
      ['', 0],
    ];
    expect(await sent(marks, lines)).toBe('150 300 150.000000 shop_web-1_0b7c/app');
    // Lines arrive for a while, and none is of a rotated file any more.
    for (const [seconds, at] of [
      [100, 150],
      [320, 300],
    ] as const) {
      writeFileSync(marks, '');
      const later = Array.from({ length: seconds }, (): [string, number] => ['', 0]);
      expect(await sent(marks, [...lines, ...later])).toBe(`150 300 ${at}.000000 shop_web-1_0b7c/app`);
    }
  });

  test('keeps how far it read a file whose rotation was not noticed: it has the name of the one after it', async () => {
    const lines: [string, number][] = [
      [written, 300],
      [written, 150],
      ['', 0],
      ['', 0],
    ];
    expect(await sent(marks, lines)).toBe('300 150 150.000000 shop_web-1_0b7c/app');
  });

  test('believes no time of a clock that was ahead', async () => {
    writeFileSync(marks, `99999999999.000000 shop_web-1_0b7c/app\n`);
    expect(
      await sent(marks, [
        [rotated, 101],
        ['', 0],
        ['', 0],
      ]),
    ).toMatch(/^101 /);
  });

  test('drops nothing where it knows of no start before', async () => {
    rmSync(marks);
    expect(
      await sent(marks, [
        [rotated, 1],
        ['', 0],
        ['', 0],
      ]),
    ).toMatch(/^1 /);
  });
});

describe('Fluent Bit’s other script', () => {
  const program = fluentBit().files({ ...LOG_TASK, multiline: [{ firstLine: '^x' }] })['join.lua'] ?? '';
  /** Returns the result for lines `<container>:<place>:<text>`; an empty one is a beat a second later. */
  const joined = (file: string, lines: readonly string[]) =>
    lua(`
      local clock = 1000
      os.time = function() return clock end
      ${program.replace(/^EVENTS_FILE = .*/, `EVENTS_FILE = ${JSON.stringify(file)}`)}
      for number, line in ipairs({ ${lines.map((line) => JSON.stringify(line)).join(', ')} }) do
        local container, place, text = string.match(line, "^(.-):(.-):(.*)$")
        local record = { log = text, job = container, pod = "p", stream = "stdout" }
        if place ~= "" then record.event = (place or "") .. ":3" end
        if line == "" then clock, record = clock + 1, { beat = true } end
        local code, time, event = join_line("tag", { sec = number, nsec = 5 }, record)
        assert(event.event == nil or code == -1)
        if code ~= -1 then io.write(time.sec, "=", (event.log:gsub("\\n", "|")), " ") end
      end`);
  let file: string;

  beforeEach(() => {
    file = join(mkdtempSync(join(tmpdir(), 'events-')), 'events');
  });
  afterEach(() => rmSync(dirname(file), { recursive: true }));

  test('joins the lines of each container, and gives them the time of the first', async () => {
    const lines = ['a:first:1', 'b:first:2', 'a:more:3', 'b:more:4', 'a:first:5', 'b:first:6', 'c::7'];
    expect(await joined(file, lines)).toBe('1=1|3 2=2|4 7=7 ');
  });

  test('lets an event go that waited, and counts from its last line', async () => {
    const lines = ['a:first:1', '', '', 'a:more:2', '', '', '', 'a:more:late'];
    expect(await joined(file, lines)).toBe('1=1|2 8=late ');
  });

  test('ends an event after a thousand lines', async () => {
    const lines = ['a:first:1', ...Array(1_500).fill('a:more:x'), 'a:first:2'];
    const [first = '', second = ''] = (await joined(file, lines)).split(' ');
    expect([first.split('|').length, second.split('|').length]).toEqual([1_000, 501]);
  });

  test('keeps what waits when it ends, and goes on with it', async () => {
    await joined(file, ['a:first:say "x" \\ y', 'a:more: 2']);
    expect(await joined(file, ['a:more:3', '', '', ''])).toBe('1=say "x" \\ y| 2|3 ');
    expect(await joined(file, ['', '', '', ''])).toBe('');
  });
});

/** The script of the environment with another state folder. */
const withMarks = (file: string) =>
  configFile(edge, FLUENT_BIT_CONFIG, 'name.lua').replace(
    /^MARKS_FILE = .*/,
    `MARKS_FILE = ${JSON.stringify(file)}`,
  );

/** A record after the script. */
async function named(record: Record<string, string>): Promise<Record<string, string>> {
  const fields = Object.entries(record).map(([key, value]) => `[${JSON.stringify(key)}] = ${luaText(value)}`);
  const said = await lua(`${withMarks('/nowhere/marks')}
    local code, _, record = label_line("tag", 0, { ${fields.join(', ')} })
    assert(code == 2)
    for key, value in pairs(record) do io.write(key, "=", value, "\\0") end`);
  return Object.fromEntries(
    said
      .split('\0')
      .filter(Boolean)
      .map((pair) => pair.split(/=(.*)/s, 2)),
  );
}

/** Returns the output of a program that Lua itself runs. */
async function lua(program: string): Promise<string> {
  const { stdout, stderr } = await tryRun('lua5.1', ['-'], { input: program });
  expect(stderr).toBe('');
  return stdout;
}

const FLUENT_BIT_CONFIG = 'edge-log-collector-config';

const luaText = (text: string): string => `"${text.replaceAll('\n', '\\n')}"`;
