import { createHmac } from 'node:crypto';
import { readSecret } from '../../../programs/credentials.mjs';

/** Message format and address of a DingTalk robot (https://open.dingtalk.com/document/robots/custom-robot-access). */
export const dingTalk = {
  /**
   * Maximum size of the text in bytes. DingTalk accepts messages of 20,000 bytes, including the JSON around
   * the text.
   */
  longest: 18_000,

  /** Escapes characters that have a meaning in Markdown. @param {string} text */
  escaped: (text) => text.replaceAll(/[\\`*_[\]<>#!~|]/g, '\\$&'),

  /**
   * Returns the robot's URL from its file. Adds a signature if there is a file with a signing key.
   * @param {{ addressFile: string, secretFile?: string }} robot
   */
  address({ addressFile, secretFile }) {
    const url = new URL(readSecret(addressFile));
    if (!secretFile) return url;
    const timestamp = `${Date.now()}`;
    const key = readSecret(secretFile);
    url.searchParams.set('timestamp', timestamp);
    url.searchParams.set('sign', createHmac('sha256', key).update(`${timestamp}\n${key}`).digest('base64'));
    return url;
  },

  /** Returns the request body for a message. @param {{ title: string, text: string }} message */
  message: ({ title, text }) => ({ msgtype: 'markdown', markdown: { title, text }, at: { isAtAll: false } }),
};
