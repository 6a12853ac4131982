import { existsSync, readFileSync } from 'node:fs';
import { type ImageLock, imageLock, LOCK_FILE } from '../../core/image-lock';
import { InvalidOptionError } from '../../core/validation';

/** Variable with the path of another lock file; empty for none. */
const LOCK_FILE_VARIABLE = 'IMAGES_LOCK';

/**
 * Reads the committed image lock next to main.ts, if there is one.
 * @throws InvalidOptionError when it is invalid.
 */
export function readCommittedLock(): ImageLock | undefined {
  const file = process.env[LOCK_FILE_VARIABLE] ?? LOCK_FILE;
  if (!file || !existsSync(file)) return undefined;
  const lock = tryParseJson(readFileSync(file, 'utf8'));
  if (imageLock.accepts(lock)) return lock as ImageLock;
  throw new InvalidOptionError(
    `${file} is not a valid image lock: run npm run lock-images to write it again`,
  );
}

function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
