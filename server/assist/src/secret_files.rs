//! Which files hold secrets: their text is never completed, indexed, copied from or shown to a model.
//!
//! Decided by the path alone, without reading anything, so that it can be asked before a file is opened. Not here:
//! secrets inside other files. Public keys, encrypted files and the templates that projects commit in a secret file's
//! place (`.env.example`) are no secrets.

use std::path::Path;

/// Endings of private keys, key stores and password stores, after the last dot.
const KEY_EXTENSIONS: &[&str] = &[
    "bks", "jks", "kdb", "kdbx", "key", "keystore", "keytab", "ovpn", "p12", "p8", "pem", "pfx", "pk8", "pkcs12", "ppk",
];

/// Starts of the names that `ssh-keygen` gives to private keys.
const SSH_KEYS: &[&str] = &["id_dsa", "id_ecdsa", "id_ed25519", "id_rsa"];

/// Files in which programs keep passwords and tokens, by their whole name.
const NAMES: &[&str] = &[
    ".boto",
    ".dockercfg",
    ".envrc",
    ".git-credentials",
    ".htpasswd",
    ".my.cnf",
    ".mylogin.cnf",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".s3cfg",
    ".secrets",
    ".terraformrc",
    ".vault-token",
    "_netrc",
    "accesstokens.json",
    "application_default_credentials.json",
    "credentials.tfrc.json",
    "htpasswd",
    "kubeconfig",
    "local.settings.json",
    "msal_token_cache.json",
    "pgpass.conf",
    "settings-security.xml",
    "terraform.rc",
];

/// Endings of dotenv files, of Kubernetes contexts, and of what Terraform writes down or is told in confidence.
const NAME_ENDINGS: &[&str] = &[".env", ".kubeconfig", ".tfstate", ".tfvars", ".tfvars.json"];

/// Files of these names are secret with an ending of [`DATA_EXTENSIONS`] or none; `secrets.py` is a program.
const DATA_NAMES: &[&str] = &[
    "client_secret",
    "client_secrets",
    "credential",
    "credentials",
    "kubeconfig",
    "secret",
    "secrets",
    "service-account",
    "service_account",
    "serviceaccount",
];
const DATA_EXTENSIONS: &[&str] =
    &["cfg", "conf", "csv", "enc", "env", "ini", "json", "json5", "properties", "toml", "txt", "xml", "yaml", "yml"];

/// Folder and file, where the name alone says too little.
const PLACES: &[(&str, &str)] =
    &[(".docker", "config.json"), (".kube", "config"), (".m2", "settings.xml"), ("gh", "hosts.yml")];

/// Folders whose files are secret but for those listed (and public keys).
const FOLDERS: &[(&str, &[&str])] =
    &[(".gnupg", &[]), (".ssh", &["authorized_keys", "config", "known_hosts"]), (".password-store", &[])];

/// Endings of copies; what they are copies of decides.
const COPY_EXTENSIONS: &[&str] = &["backup", "bak", "old", "orig", "save", "swo", "swp", "tmp"];

/// Words that make a name a template's. Not for keys: `www.example.com.key` is one.
const TEMPLATE_WORDS: &[&str] = &["default", "defaults", "dist", "example", "sample", "schema", "template", "tpl"];

/// Whether the text of the file at `path` must never be read, indexed, shown to a model or copied from.
pub fn is_secret(path: &Path) -> bool {
    let path = path.to_string_lossy().to_ascii_lowercase();
    // A URI's path may be that of another system.
    let mut parts = path.rsplit(['/', '\\']);
    let name = original(parts.next().unwrap_or_default());
    let folder = parts.next().unwrap_or_default();
    if name.is_empty() || name.ends_with(".pub") {
        return false;
    }
    is_key(name) || is_in_secret_place(folder, name) || (is_secret_name(name) && !is_template(name))
}

/// The name without what editors and people append to copies.
fn original(name: &str) -> &str {
    let mut name = name.trim_end_matches('~');
    while let Some((rest, extension)) = name.rsplit_once('.')
        && !rest.is_empty()
        && COPY_EXTENSIONS.contains(&extension)
    {
        name = rest;
    }
    name
}

fn is_key(name: &str) -> bool {
    let has_key_extension = name.rsplit_once('.').is_some_and(|(_, extension)| KEY_EXTENSIONS.contains(&extension));
    // `id_rsa_work` is a key, `id_rsa_parser.rs` is not.
    let is_ssh_key = !name.contains('.') && SSH_KEYS.iter().any(|start| name.starts_with(start));
    has_key_extension || is_ssh_key || (name.starts_with("ssh_host_") && name.ends_with("_key"))
}

fn is_in_secret_place(folder: &str, name: &str) -> bool {
    let harmless = FOLDERS.iter().find(|(place, _)| *place == folder).map(|(_, harmless)| harmless);
    PLACES.contains(&(folder, name)) || harmless.is_some_and(|harmless| !harmless.contains(&name))
}

fn is_secret_name(name: &str) -> bool {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    // `.env`, `.env.local`, `.env-production`; `.environment` is something else.
    let is_dotenv = name.strip_prefix(".env").is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']));
    // `client_secret_1234.apps.example.json`: the issuer puts an account into the name.
    let is_client_secret = name.starts_with("client_secret") && extension == "json";
    // `secrets.prod.yaml` as well as `secrets.yaml`; a hidden file may have the name, too.
    let first = stem.trim_start_matches('.').split('.').next().unwrap_or_default();
    let is_data = extension.is_empty() || DATA_EXTENSIONS.contains(&extension);
    // Passwords are typed at prompts, and stay in what shells and database clients remember.
    let is_history = name.starts_with('.') && name.ends_with("_history");
    is_dotenv
        || is_client_secret
        || is_history
        || NAMES.contains(&name)
        || NAME_ENDINGS.iter().any(|ending| name.ends_with(ending))
        || (is_data && DATA_NAMES.contains(&first))
}

fn is_template(name: &str) -> bool {
    name.split(['.', '-', '_']).any(|word| TEMPLATE_WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_secret;

    fn check(paths: &str, expected: bool) {
        for path in paths.split_whitespace() {
            assert_eq!(is_secret(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn dotenv_files_are_secret_and_their_templates_are_not() {
        check(
            ".env app/.env .ENV .env.local .env.production .env-staging .env_old prod.env .envrc .env.bak .env~",
            true,
        );
        check(".env.example .env.sample .env.template .env.dist .env-example example.env .env.defaults", false);
        check("env env.py environment.ts .environment vite-env.d.ts .envoy.yaml src/env/mod.rs dotenv.rb", false);
    }

    #[test]
    fn keys_are_secret_whatever_else_their_name_says() {
        check("id_rsa /home/ann/.ssh/id_ed25519 id_rsa_work id_rsa.bak ssh_host_rsa_key .ssh/work", true);
        check(
            "server.pem www.example.com.key cert.p12 a.pfx release.jks my.keystore x.ppk vault.kdbx a.ovpn b.keytab",
            true,
        );
        check("SERVER.PEM server.key.old C:\\keys\\server.key AuthKey_1.p8", true);
        check(
            "id_rsa.pub .ssh/id_ed25519.pub .ssh/config .ssh/known_hosts id_rsa_parser.rs keys.rs public.crt key.py",
            false,
        );
    }

    #[test]
    fn files_of_credentials_are_secret() {
        check(".netrc _netrc .npmrc .pypirc .git-credentials .htpasswd .pgpass .my.cnf .dockercfg .vault-token", true);
        check(
            ".aws/credentials credentials.json config/credentials.yml.enc .cargo/credentials.toml secrets.yaml",
            true,
        );
        check(
            "secrets.prod.yaml .streamlit/secrets.toml client_secret_12.apps.json service-account.json .secrets",
            true,
        );
        check("kubeconfig kubeconfig.yaml dev.kubeconfig .kube/config .docker/config.json .config/gh/hosts.yml", true);
        check("terraform.tfstate terraform.tfstate.backup prod.tfvars prod.auto.tfvars.json .terraformrc", true);
        check(".gnupg/anything .bash_history .psql_history .password-store/mail.txt .m2/settings.xml", true);
        check("credentials.json.example secrets.example.yaml terraform.tfvars.example kubeconfig.sample", false);
        check("secrets.py credentials.rs secret.test.ts src/credentials/mod.rs kube/config docs/config.json", false);
        check("browser_history secretary.json settings.xml hosts.yml main.tf package.json .npmignore .bashrc", false);
    }

    #[test]
    fn no_name_is_no_secret() {
        check("/ .. . a/", false);
        assert!(!is_secret(Path::new("")));
    }
}
