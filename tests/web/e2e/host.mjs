// Which host the tests talk to: the real one that DAVY_URL names, or a mock of their own.
import {MockHost} from '../mock_host.mjs';

export const real = process.env.DAVY_URL !== undefined;

export async function startHost(options) {
  if (real) {
    const {DAVY_URL, DAVY_USER, DAVY_PASSWORD} = process.env;
    if (!DAVY_USER || !DAVY_PASSWORD)
      throw new Error('DAVY_URL is set: set DAVY_USER and DAVY_PASSWORD as well');
    return {url: DAVY_URL, user: DAVY_USER, password: DAVY_PASSWORD, mock: null, stop: async () => {}};
  }
  const mock = new MockHost(options);
  const url = await mock.start();
  return {url, user: 'diaodu', password: 'dispatch-room-1', mock, stop: () => mock.stop()};
}
