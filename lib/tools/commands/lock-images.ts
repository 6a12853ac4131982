import { IMAGE_LOCK, LOCK_FILE } from '../../core/image-lock';
import { registryHost } from '../../core/image-reference';
import { wholeNumberRule } from '../../core/option-rules';
import { type Rule, ruleViolationText } from '../../core/validation';
import { createImageLock, describeLockChanges } from '../lock/lock-images';
import { neededImages } from '../lock/needed-images';
import { suggestedCommand } from '../process/command-lines';
import { createOrReplaceFiles } from '../process/replace-files';
import { UsageError } from '../process/usage-error';
import { Registries } from '../registry/registry';
import { readImageLock } from '../synthesis/lock-file';
import { renderEnvironments } from '../synthesis/synthesize';
import type { CommandContext, CommandModule } from './command';
import { appendOptionValue, type CommandLine, parseWholeNumberOrKeepText } from './command-line';
import { EXIT } from './exit-codes';

interface Values {
  readonly check?: boolean;
  readonly upstream?: boolean;
  readonly plainHttp?: readonly string[];
  readonly timeout?: number;
}

/** Command `lock-images`: writes the current digest of every image to images.lock.json, which pins the images. */
export const lockImages: CommandModule = { define: defineLockImagesOptions, run: runLockImages };

const seconds = wholeNumberRule(1, 600);

function defineLockImagesOptions(line: CommandLine): void {
  line
    .description(
      `Queries the registries for the digest of every image of all environments, and writes the digests to ${LOCK_FILE}. Commit this file: a synthesis then pins each image to its digest. ` +
        "Each image must support the architectures of the nodes that run it. Uses the credentials in Docker's configuration (docker login).",
    )
    .option('--check', `writes nothing, and prints the differences between ${LOCK_FILE} and the registries`)
    .option(
      '--upstream',
      'queries the original registries, such as quay.io, instead of the mirrors in images.mirror',
    )
    .option('--plain-http <host>', 'host of a registry to access without TLS; repeatable', appendOptionValue)
    .option(
      '--timeout <seconds>',
      'timeout of a request to a registry (default: 30)',
      parseWholeNumberOrKeepText,
    )
    .addHelpText('after', `\nExit code ${EXIT.differences} with --check: there are differences.`);
}

async function runLockImages(line: CommandLine, { environments, io }: CommandContext): Promise<number> {
  const { check, upstream, plainHttp = [], timeout = 30 } = line.opts<Values>();
  validateOptionValue('--timeout', timeout, seconds);
  for (const host of plainHttp) validateOptionValue('--plain-http', host, registryHost);
  const before = check ? readImageLock() : tryReadImageLock();
  // The context disables the existing lock, so that the images have tags and not digests.
  const needed = neededImages(renderEnvironments(environments, { [IMAGE_LOCK]: null }));
  const registries = new Registries({ timeout: timeout * 1_000, plainHttp });
  const after = await createImageLock(
    upstream ? needed.map((one) => ({ ...one, image: one.source })) : needed,
    (reference) => registries.queryImage(reference),
  );
  const changed = describeLockChanges(before, after);
  const file = process.env.IMAGES_LOCK || LOCK_FILE;
  if (changed.length && !check) createOrReplaceFiles([[file, `${JSON.stringify(after, null, 2)}\n`]]);
  const images = Object.keys(after.images).length;
  io.stdout(
    [
      ...changed,
      changed.length
        ? `${file}${check ? '' : ' is written'}: ${images} images, ${changed.length} ${check ? `differ; run ${suggestedCommand('lock-images')}` : 'changed'}`
        : `${file} is up to date: ${images} images`,
      '',
    ].join('\n'),
  );
  return check && changed.length ? EXIT.differences : EXIT.done;
}

/**
 * Returns the existing lock. Returns `undefined` if there is no lock, or if the lock file is invalid, for example because it
 * contains merge markers. The command then writes a new file.
 */
function tryReadImageLock(): ReturnType<typeof readImageLock> {
  try {
    return readImageLock();
  } catch {
    return undefined;
  }
}

function validateOptionValue(option: string, value: unknown, rule: Rule): void {
  if (!rule.accepts(value)) throw new UsageError(ruleViolationText(option, value, rule));
}
