// A certified OpenID Connect provider on loopback. Its sign-in page takes any login and password; the login is the
// key of an account.
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import { Provider } from 'oidc-provider';

export interface Account {
  email: string;
  email_verified: boolean;
  name: string;
  groups: string[];
}

export class IdentityProvider {
  private constructor(
    private readonly server: HttpServer,
    readonly issuer: string,
    /** The accounts by login. They can be changed at any time. */
    readonly accounts: Record<string, Account>,
  ) {}

  /** Starts a provider for the Testbell at `url`. */
  static async start(url: string, accounts: Record<string, Account>): Promise<IdentityProvider> {
    const server = createServer();
    // Named localhost in the URL, so that it is another site than Testbell.
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const issuer = `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const identities = new IdentityProvider(server, issuer, accounts);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'testbell',
          client_secret: 'a secret of the client',
          redirect_uris: [`${url}/session/oidc/callback`],
        },
      ],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
      scopes: ['openid', 'email', 'profile', 'groups'],
      pkce: { required: () => true },
      findAccount: (_context, id) => {
        const account = identities.accounts[id];
        return account && { accountId: id, claims: () => ({ sub: id, ...account }) };
      },
    });
    server.on('request', provider.callback());
    return identities;
  }

  /** The settings of a Testbell that uses it. */
  get env(): Record<string, string> {
    return {
      TESTBELL_OIDC_ISSUER: this.issuer,
      TESTBELL_OIDC_CLIENT_ID: 'testbell',
      TESTBELL_OIDC_CLIENT_SECRET: 'a secret of the client',
      TESTBELL_OIDC_NAME: 'Acme ID',
      TESTBELL_OIDC_SCOPES: 'openid email profile groups',
      TESTBELL_OIDC_MEMBERSHIP_CLAIM: 'groups',
      TESTBELL_OIDC_MEMBERSHIPS: 'qa=WEB:member,leads=WEB:admin',
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
