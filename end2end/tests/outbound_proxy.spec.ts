// The outbound proxy on the page of the settings.
import { signIn } from '../pages/account.js';
import { expect, expectAccessible, test } from '../support/test.js';

test.use({
  serverOptions: {
    env: {
      TESTBELL_OUTBOUND_PROXY: 'http://bell:s3cret@proxy.example.com:3128',
      TESTBELL_OUTBOUND_PROXY_EXCEPT: '.corp,10.0.0.0/8',
    },
  },
});

test('system admins see the outbound proxy, and who checks addresses', async ({ page, server }) => {
  await signIn(page);
  await page.goto('/admin/settings');
  const main = page.getByRole('main');
  await expect(main).toContainText('go through http://proxy.example.com:3128.');
  await expect(main).toContainText('The proxy resolves host names, so it must refuse private addresses.');
  await expect(main).toContainText('corp, 10.0.0.0/8');
  expect(await page.content()).not.toContain('s3cret');
  expect(server.log).not.toContain('s3cret');
  expect(server.log).toContain('go through the outbound proxy');
  await expectAccessible(page);
});
