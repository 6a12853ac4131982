import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '../runtime/container';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { ReferenceStack } from '../stacks/reference-stack';

/** Seconds within which the sidecar must exit on request. */
const GRACE_PERIOD = 1;

/** A push interval of the reference environment, and the timeout of a push. */
const MORE_THAN_AN_INTERVAL_MS = 12_000;

/** Maximum pause of the sidecar between two attempts, and the timeout of an attempt. */
const BACK_OFF = { seconds: 75 };

describe('the push sidecar', () => {
  let stack: ReferenceStack;
  let pushgateway: Pod;
  let exporter: Container;
  let sidecar: Container;

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    pushgateway = await stack.startCloud('pushgateway');
    const edge = await stack.startEdge();
    exporter = edge.container('node-exporter');
    sidecar = edge.container('push');
    await nextPush();
  });

  afterAll(() => stack?.destroy());

  /** Each outage starts with a sidecar that pushes, and ends with the same sidecar, with its password. */
  afterEach(() => {
    stack.setClientPassword(stack.credentials.password);
    expect(sidecar.restarts).toBe(0);
  });

  /** Waits for a push, and until the sidecar has logged it: its next log line is about the next change. */
  async function nextPush(): Promise<void> {
    const before = (await stack.lastPush(pushgateway)) ?? 0;
    await eventually('a push arrives', async () => pushAfter(before), BACK_OFF);
    await eventually('the sidecar says that it pushes', () => sidecar.logs.at(-1)?.includes(' pushing to '));
  }

  async function pushAfter(before: number): Promise<number | false> {
    const last = (await stack.lastPush(pushgateway)) ?? 0;
    return last > before && last;
  }

  /** Log line of the sidecar about a change of its state. */
  async function nextLine(): Promise<string> {
    const lines = sidecar.logs.length;
    return eventually('the sidecar says that something changed', () => sidecar.logs[lines]);
  }

  /** Returns the log of the sidecar during an action, which changes its state. */
  async function lineAfter(change: () => unknown): Promise<string> {
    const line = nextLine();
    await change();
    return line;
  }

  /** Waits for a log line of the sidecar about an action; a reload of nginx may come first. */
  async function sayingAfter(change: () => void, text: string): Promise<void> {
    const lines = sidecar.logs.length;
    change();
    await eventually(
      () => `the sidecar says "${text}", and not only:\n${sidecar.logs.slice(lines).join('\n')}`,
      () => sidecar.logs.slice(lines).some((line) => line.includes(text)),
      BACK_OFF,
    );
  }

  /** Waits until the sidecar is in the middle of a transfer. */
  async function transferTo(address: string): Promise<void> {
    await eventually(`the sidecar talks to ${address}`, async () => {
      const { stdout } = await sidecar.exec('/bin/ps', '-o', 'args');
      return stdout.split('\n').some((line) => line.startsWith('curl') && line.includes(` ${address}`));
    });
  }

  function refusals(): number {
    return stack.ingress.accessLog.filter((line) => line.includes('" 401 ')).length;
  }

  test('says once that its password is refused, without the password, and recovers with the right one', async () => {
    const refusedBefore = refusals();
    const lines = sidecar.logs.length;
    stack.setClientPassword('not-the-password');
    await eventually('the ingress refuses twice', () => refusals() >= refusedBefore + 2, BACK_OFF);
    expect(sidecar.logs.slice(lines)).toEqual([expect.stringContaining('401')]);
    stack.setClientPassword(stack.credentials.password);
    await nextPush();
    expect(sidecar.logs.join('\n')).not.toMatch(/not-the-password|correct-horse/);
  });

  test('pushes nothing while its exporter is down, and goes on after it', async () => {
    await lineAfter(() => exporter.stop());
    const last = await stack.lastPush(pushgateway);
    await sleep(MORE_THAN_AN_INTERVAL_MS);
    expect(await stack.lastPush(pushgateway)).toBe(last);
    await exporter.start();
    await nextPush();
  });

  test('survives a Pushgateway that is down', async () => {
    await lineAfter(() => pushgateway.stop());
    await pushgateway.start();
    await nextPush();
  });

  test('survives a link that drops packets', async () => {
    await lineAfter(() => stack.edgeNode.uplink.cut());
    stack.edgeNode.uplink.restore();
    await nextPush();
  });

  test('refuses an expired certificate, says so, and goes on with the next one', async () => {
    await sayingAfter(() => stack.setCertificate(0), 'TLS fails, check the certificate and the clock');
    stack.setCertificate(90);
    await nextPush();
  });

  test('says that its body is too large for the ingress, and goes on when it fits', async () => {
    await sayingAfter(
      () => stack.setBodySize('1k'),
      'HTTP 413, the request body is larger than the limit of the ingress',
    );
    stack.setBodySize('8m');
    await nextPush();
  });

  test('ends within a second when asked to, also while the link hangs', async () => {
    stack.edgeNode.uplink.cut();
    await transferTo('https://');
    expect(await sidecar.stop(GRACE_PERIOD)).toBe('ended');
    stack.edgeNode.uplink.restore();
    await sidecar.start();
  });

  test('ends within a second when asked to, also while its exporter hangs', async () => {
    exporter.signal('SIGSTOP');
    await transferTo('http://127.0.0.1');
    expect(await sidecar.stop(GRACE_PERIOD)).toBe('ended');
    exporter.signal('SIGCONT');
    await sidecar.start();
    await nextPush();
  });

  test('finds its group again after a restart of the Pushgateway', async () => {
    await sidecar.stop();
    const last = await stack.lastPush(pushgateway);
    await pushgateway.stop();
    await pushgateway.start();
    expect(await stack.lastPush(pushgateway)).toBe(last);
    expect(await stack.pushed(pushgateway, 'node_uname_info')).toHaveLength(1);
  });

  test('stays within its memory limit through all of this, as do its neighbours', () => {
    const containers = [exporter, sidecar, ...pushgateway.containers];
    expect(containers.map(({ memory }) => memory.kills)).toEqual(containers.map(() => 0));
  });
});
