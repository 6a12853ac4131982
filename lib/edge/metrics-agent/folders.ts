import { basename } from 'node:path';
import type { AgentLayout } from '../agent';

/**
 * Returns the paths of the folders and files in the agent's state folder:
 * - the queue
 * - the scrape jobs that the clock guard enables
 * - copies of the agent's files
 * - the password of the agent's HTTP server
 * - the reason why scraping is stopped
 */
export const pathsInStateFolder = ({ dirs: { state } }: AgentLayout) => ({
  stateDir: state,
  queueDir: `${state}/queue`,
  activeDir: `${state}/active`,
  filesDir: `${state}/files`,
  loginFile: `${state}/login`,
  stoppedFile: `${state}/stopped`,
});

/**
 * Returns the path in the agent's state folder to which a mounted folder is copied. The copy remains when EdgeCore
 * unmounts the folder.
 */
export const pathOfFolderCopyInStateFolder = (folder: string, layout: AgentLayout): string =>
  `${pathsInStateFolder(layout).filesDir}/${basename(folder)}`;

/** Folder in the agent's container with files that list additional targets. */
export const TARGETS_DIR = '/etc/metrics-agent/targets';
/** Folder in the agent's containers with the users that may push. */
export const USERS_DIR = '/etc/metrics-agent/users';
