import { createHmac } from 'node:crypto';
import { readSecretFile } from '../../../programs/credentials.mjs';

/** Message format and URL of a DingTalk robot (https://open.dingtalk.com/document/robots/custom-robot-access). */
export const dingTalk = {
  /**
   * Maximum size of the text in bytes. DingTalk accepts messages of 20,000 bytes, including the JSON around
   * the text.
   */
  maxTextBytes: 18_000,

  /** Escapes the characters of a text that have a meaning in Markdown. @param {string} text plain text */
  escapeMarkdown: (text) => text.replaceAll(/[\\`*_[\]<>#!~|]/g, '\\$&'),

  /**
   * Returns the robot's URL, read from a file. If there is a file with a signing key, the URL also has a timestamp and
   * a signature.
   * @param {{ addressFile: string, secretFile?: string }} robot path of the file with the URL, and path of the file
   * with the signing key
   */
  buildRobotUrl({ addressFile, secretFile }) {
    const url = new URL(readSecretFile(addressFile));
    if (!secretFile) return url;
    const timestamp = `${Date.now()}`;
    const key = readSecretFile(secretFile);
    url.searchParams.set('timestamp', timestamp);
    url.searchParams.set('sign', createHmac('sha256', key).update(`${timestamp}\n${key}`).digest('base64'));
    return url;
  },

  /**
   * Returns the request body for a message.
   * @param {{ title: string, text: string }} message title, and text in Markdown
   */
  buildRequestBody: ({ title, text }) => ({
    msgtype: 'markdown',
    markdown: { title, text },
    at: { isAtAll: false },
  }),
};
