import { existsSync, readFileSync } from 'node:fs';
import { type ImageLock, imageLock, LOCK_FILE } from '../../core/image-lock';
import { InvalidOptionError } from '../../core/validation';
import { suggestedCommand } from '../process/command-lines';

/** Environment variable with the path of the lock file. If its value is empty, images are not pinned. */
const LOCK_FILE_VARIABLE = 'IMAGES_LOCK';

/**
 * Reads the image lock: the file in `IMAGES_LOCK`, by default images.lock.json in the current folder. Returns
 * `undefined` if the file does not exist, or if `IMAGES_LOCK` is empty.
 * @throws InvalidOptionError when the file is invalid.
 */
export function readImageLock(): ImageLock | undefined {
  const file = process.env[LOCK_FILE_VARIABLE] ?? LOCK_FILE;
  if (!file || !existsSync(file)) return undefined;
  const lock = tryParseJson(readFileSync(file, 'utf8'));
  if (imageLock.accepts(lock)) return lock as ImageLock;
  throw new InvalidOptionError(
    `${file} is not a valid image lock: run ${suggestedCommand('lock-images')} to write the file again`,
  );
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
