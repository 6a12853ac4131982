import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RobotRelay } from '../../lib/cloud/alertmanager/robot-relay/robot-relay.mjs';
import { type ServedHere, serveHere } from '../support/served-here';

const SIGNING_KEY = 'SEC0123456789';
const WECOM_KEY = '633a31f6-7f9c-4bc4-97a0-0ec1eefa5898';

/** Messages to robots of DingTalk and WeCom. */
interface Message {
  readonly msgtype: string;
  readonly markdown: { readonly title?: string; readonly text?: string; readonly content?: string };
}

/**
 * A robot as both messengers document it: it responds with 200 to everything, and reports in the body whether it
 * accepted the message.
 */
class Robot {
  readonly messages: Message[] = [];
  answer: object = { errcode: 0, errmsg: 'ok' };
  status = 200;
  server?: Server;

  async start(): Promise<number> {
    this.server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://robot');
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const timestamp = searchParams.get('timestamp') ?? '';
        const sign = createHmac('sha256', SIGNING_KEY)
          .update(`${timestamp}\n${SIGNING_KEY}`)
          .digest('base64');
        const mayCome =
          searchParams.get('access_token') === 'open' ||
          searchParams.get('key') === WECOM_KEY ||
          (searchParams.get('sign') === sign && Math.abs(Date.now() - Number(timestamp)) < 3_600_000);
        if (mayCome) this.messages.push(JSON.parse(Buffer.concat(chunks).toString()));
        const answer = mayCome ? this.answer : { errcode: 310_000, errmsg: 'sign not match' };
        response.writeHead(this.status).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }
}

describe('the relay to robots in groups of messengers', () => {
  const robot = new Robot();
  const folder = mkdtempSync(join(tmpdir(), 'robots-'));
  let relay: ServedHere;
  let port: number;
  let said = '';

  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  beforeAll(async () => {
    const address = (token: string) => `http://127.0.0.1:${robotPort}/robot/send?access_token=${token}\n`;
    const robotPort = await robot.start();
    const dialect = 'dingtalk';
    const plain = { dialect, addressFile: file('plain', address('open')), keyword: 'edge' };
    const key = `http://127.0.0.1:${robotPort}/cgi-bin/webhook/send?key=${WECOM_KEY}\n`;
    const weCom = { dialect: 'wecom', addressFile: file('wecom', key) };
    const robots = {
      'our group': {
        dialect,
        addressFile: file('signed', address('t0ken')),
        secretFile: file('key', SIGNING_KEY),
      },
      ...{ plain, busy: plain, weCom, 'busy weCom': weCom },
      unsigned: { dialect, addressFile: file('unsigned', address('t0ken')) },
      lost: { dialect, addressFile: join(folder, 'nothing') },
    };
    jest.spyOn(console, 'error').mockImplementation((line) => {
      said += `${line}\n`;
    });
    relay = await serveHere(new RobotRelay({ ROBOTS: JSON.stringify(robots) }).handleRequest);
    [port = 0] = relay.ports;
  });

  beforeEach(() => {
    robot.messages.length = 0;
    robot.answer = { errcode: 0, errmsg: 'ok' };
    robot.status = 200;
    said = '';
  });

  afterAll(async () => {
    await relay.stop();
    robot.server?.close();
    rmSync(folder, { recursive: true });
  });

  const alert = (status: string, node: string) => ({
    status,
    annotations: {
      summary: `Silent: ${node}`,
      description: 'For 10m.',
      runbook_url: 'https://r/EdgeNodeSilent.md',
    },
  });

  const tell = (name: string, alerts: object[] = [alert('firing', 'n1'), alert('resolved', 'n2')]) =>
    fetch(`http://127.0.0.1:${port}/${encodeURIComponent(name)}`, {
      method: 'POST',
      body: JSON.stringify({
        status: 'firing',
        commonLabels: { alertname: 'EdgeNodeSilent', cluster: 'c', group: 'north' },
        alerts,
      }),
    });

  test('signs each message, and says what fires, where to look, and what is over', async () => {
    expect((await tell('our group')).status).toBe(200);
    expect(robot.messages).toEqual([
      {
        msgtype: 'markdown',
        markdown: {
          title: '[FIRING 1] EdgeNodeSilent in c, group north',
          text: [
            '### [FIRING 1] EdgeNodeSilent in c, group north',
            '- Silent: n1: For 10m. [runbook](https://r/EdgeNodeSilent.md)',
            '- Over: Silent: n2',
          ].join('\n'),
        },
        at: { isAtAll: false },
      },
    ]);
  });

  test('tells WeCom the same, as its robot reads it', async () => {
    expect((await tell('weCom')).status).toBe(200);
    expect(robot.messages).toEqual([
      {
        msgtype: 'markdown',
        markdown: {
          content: [
            '### [FIRING 1] EdgeNodeSilent in c, group north',
            '- Silent: n1: For 10m. [runbook](https://r/EdgeNodeSilent.md)',
            '- Over: Silent: n2',
          ].join('\n'),
        },
      },
    ]);
  });

  test('says the word that a robot asks for', async () => {
    await tell('plain');
    expect(robot.messages[0]?.markdown.text).toMatch(/^### edge \[FIRING/);
  });

  test.each([
    ['without a signature', 'unsigned', {}, /310000 sign not match/],
    ['too often', 'plain', { errcode: 130_101, errmsg: 'send too fast' }, /130101 send too fast/],
    ['too often, of WeCom', 'weCom', { errcode: 45_009, errmsg: 'api freq out of limit' }, /45009 api freq/],
    [
      'with the key in it',
      'weCom',
      { errcode: 93_000, errmsg: `invalid webhook url ?key=${WECOM_KEY}` },
      /93000 invalid webhook url \?key=\*\*\*/,
    ],
  ])('a refusal that is answered with 200 is a failure: %s', async (_, name, answer, problem) => {
    robot.answer = answer;
    expect((await tell(name)).status).toBe(503);
    expect(said).toMatch(problem);
    expect(said).not.toMatch(/t0ken|open|633a31f6/);
  });

  test('a robot that is away, or whose address is not there, is a failure', async () => {
    robot.status = 500;
    expect((await tell('plain')).status).toBe(503);
    expect((await tell('lost')).status).toBe(503);
    expect(said).toMatch(/robot lost did not accept a message: ENOENT/);
  });

  test('nothing else is taken', async () => {
    expect((await tell('nobody')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/plain`)).status).toBe(404);
    expect((await tell('constructor')).status).toBe(404);
  });

  test.each(['/%', '/%ff', '/%E0%A4%A', '/plain%'])('%s ends nothing', async (path) => {
    for (const method of ['GET', 'POST']) {
      // fetch would encode it again.
      const status = await new Promise((resolve, reject) => {
        const asked = httpRequest({ port, path, method }, ({ statusCode }) => resolve(statusCode));
        asked.on('error', reject).end('{}');
      });
      expect(status).toBe(404);
    }
    expect((await tell('plain')).status).toBe(200);
  });

  const HOSTILE =
    'n\n# @all <@zhangsan> ![x](http://evil.example/x.png) **b** `c` <font color=red>\u202ecba\u0007\ud800';

  test('a node that gives itself a name of markup mentions nobody, links to nothing and begins no line', async () => {
    await tell('plain', [alert('firing', HOSTILE), alert('resolved', HOSTILE)]);
    const text = robot.messages[0]?.markdown.text ?? '';
    expect(text.split('\n')).toHaveLength(3);
    expect(text).not.toMatch(/@all|@zhangsan|[^\\]\[x|[^\\]\*|[^\\]<|[^\\]!|[^\P{C}\n\u200b]/u);
    expect(text).toContain('[runbook](https://r/EdgeNodeSilent.md)');
  });

  test('nor in WeCom', async () => {
    await tell('weCom', [alert('firing', HOSTILE), alert('resolved', HOSTILE)]);
    const text = robot.messages[0]?.markdown.content ?? '';
    expect(text.split('\n')).toHaveLength(3);
    expect(text).not.toMatch(/@all|@zhangsan|\[x|\*|<|>|`|[^\P{C}\n\u200b]/u);
    expect(text).toContain('＜@\u200bzhangsan＞');
    expect(text).toContain('[runbook](https://r/EdgeNodeSilent.md)');
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', `https://r/${'x'.repeat(600)}`, 'no address'])(
    '%s is no link',
    async (runbook_url) => {
      await tell('weCom', [
        { status: 'firing', annotations: { summary: 'a', description: 'b', runbook_url } },
      ]);
      expect(robot.messages[0]?.markdown.content).toMatch(/\n- a: b$/);
    },
  );

  describe.each([
    ['our group', 20_000],
    ['weCom', 4_096],
  ])('a message to %s', (name, longest) => {
    const bytes = () => {
      const { text, content } = robot.messages[0]?.markdown ?? {};
      return text ?? content ?? '';
    };

    test('is as long as a robot takes, and says how much it leaves out', async () => {
      await tell(
        name,
        Array.from({ length: 500 }, (_, index) => alert('firing', `节点-${index}`)),
      );
      expect(Buffer.byteLength(bytes())).toBeLessThanOrEqual(longest);
      expect(Buffer.byteLength(bytes())).toBeGreaterThan(longest * 0.8);
      expect(bytes()).toMatch(/and \d+ more$/);
    });

    test.each(['节', '𠮷', '@', '[', '\\', 'a\u0301'])(
      'has its first alert also where that is all of %j',
      async (character) => {
        await tell(name, [alert('firing', character.repeat(9_000)), alert('firing', 'n2')]);
        expect(Buffer.byteLength(bytes())).toBeLessThanOrEqual(longest);
        expect(bytes()).toMatch(/^###.*\n- Silent: .*…: For 10m. \[runbook\]\(.*\)\n/);
      },
    );
  });

  test.each(['busy', 'busy weCom'])('a robot is told 20 messages a minute, and no more: %s', async (name) => {
    const answers = [];
    for (let sent = 0; sent < 22; sent += 1) answers.push((await tell(name)).status);
    expect(answers).toEqual([...Array(20).fill(200), 503, 503]);
    expect(robot.messages).toHaveLength(20);
    expect(said).toContain('the robot accepts at most 20 messages per minute');
  });

  test('a new address counts at once', async () => {
    writeFileSync(join(folder, 'plain'), 'http://127.0.0.1:9/');
    expect((await tell('plain')).status).toBe(503);
  });
});
