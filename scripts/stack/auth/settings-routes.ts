import { Hono } from "hono";
import type { AuthConfig } from "../auth-config.ts";
import { AuthRefusal } from "./errors.ts";

const providers = [
  ...["anonymous_users", "apple", "azure", "bitbucket", "discord", "facebook", "snapchat", "figma", "fly", "github"],
  ...["gitlab", "google", "keycloak", "kakao", "linkedin", "linkedin_oidc", "notion", "spotify", "slack", "slack_oidc"],
  ...["workos", "twitch", "twitter", "phone", "zoom"],
];

/** What a client may ask of Auth itself, and what this one has not, refused as GoTrue does where it is turned off. */
export function settingsRoutes(config: AuthConfig): Hono {
  const app = new Hono();
  app.get("/health", (c) =>
    c.json({
      version: "embedded",
      name: "GoTrue",
      description: "GoTrue is a user registration and authentication API",
    }),
  );
  app.get("/settings", (c) =>
    c.json({
      external: { ...Object.fromEntries(providers.map((name) => [name, false])), email: config.enableEmail },
      disable_signup: !config.enableSignup,
      mailer_autoconfirm: !config.enableConfirmations,
      phone_autoconfirm: false,
      sms_provider: "",
      saml_enabled: false,
    }),
  );
  // Tokens are signed with a secret, which is nobody's to see.
  app.get("/.well-known/jwks.json", (c) => c.json({ keys: [] }));
  app.get("/authorize", (c) => {
    const reason = c.req.query("provider") ? "provider is not enabled" : "Provider  could not be found";
    throw new AuthRefusal(400, "validation_failed", `Unsupported provider: ${reason}`);
  });
  app.all("/callback", () => {
    throw new AuthRefusal(400, "bad_oauth_callback", "OAuth state parameter missing");
  });
  app.all("/user/identities/*", () => {
    throw new AuthRefusal(404, "manual_linking_disabled", "Manual linking is disabled");
  });
  app.all("/sso/*", () => {
    throw new AuthRefusal(404, "saml_provider_disabled", "SAML 2.0 is disabled");
  });
  app.all("/sso", () => {
    throw new AuthRefusal(404, "saml_provider_disabled", "SAML 2.0 is disabled");
  });
  return app;
}
