//! Settings from the environment, or from a file with `--config`; a wrong value stops the start with one clear line.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

/// What an installation is told from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub database_url: String,
    pub listen: SocketAddr,
    pub files: PathBuf,
    pub key_file: PathBuf,
    pub base_url: Option<String>,
    pub log: String,
}

/// A setting that cannot be used: one line that names the cure.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} 的值 “{value}” 不对：{cure}")]
pub struct ConfigError {
    pub name: String,
    pub value: String,
    pub cure: String,
}

const NAMES: [&str; 6] = [
    "LIANXIN_DATABASE_URL",
    "LIANXIN_LISTEN",
    "LIANXIN_FILES",
    "LIANXIN_SECRET_KEY_FILE",
    "LIANXIN_BASE_URL",
    "LIANXIN_LOG",
];

impl Config {
    /// From the environment, over the lines of a settings file (`LIANXIN_LISTEN = "0.0.0.0:8080"`, TOML).
    pub fn read(file: Option<&str>, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut values = BTreeMap::new();
        if let Some(text) = file {
            let wrong = |error: toml::de::Error| ConfigError {
                name: "--config".into(),
                value: error.message().to_owned(),
                cure: "每行写作 LIANXIN_LISTEN = \"127.0.0.1:8080\"".into(),
            };
            let table: BTreeMap<String, String> = toml::from_str(text).map_err(wrong)?;
            for (name, value) in table {
                if !NAMES.contains(&name.as_str()) {
                    let cure = format!("没有这个设置，可用的有 {}", NAMES.join("、"));
                    return Err(ConfigError { name: "--config".into(), value: name, cure });
                }
                values.insert(name, value);
            }
        }
        for name in NAMES {
            if let Some(value) = environment(name) {
                values.insert(name.to_owned(), value);
            }
        }
        Self::from_values(&values)
    }

    fn from_values(values: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let get = |name: &str, default: &str| values.get(name).cloned().unwrap_or_else(|| default.to_owned());
        let wrong = |name: &str, value: &str, cure: &str| ConfigError {
            name: name.into(),
            value: value.into(),
            cure: cure.into(),
        };
        let database_url = get("LIANXIN_DATABASE_URL", "sqlite://lianxin.db");
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| database_url.starts_with(scheme)) {
            let shown = database_url.split(':').next().unwrap_or_default();
            return Err(wrong("LIANXIN_DATABASE_URL", shown, "应为 sqlite://路径 或 postgres://用户@主机/库"));
        }
        let listen = get("LIANXIN_LISTEN", "127.0.0.1:8080");
        let listen =
            listen.parse().map_err(|_| wrong("LIANXIN_LISTEN", &listen, "应为 地址:端口，例如 127.0.0.1:8080"))?;
        // Key and files of a SQLite installation lie beside its database unless said otherwise.
        let beside = sqlite_folder(&database_url);
        let files = get("LIANXIN_FILES", &beside.join("files").display().to_string());
        if files.contains("://") || files.is_empty() {
            return Err(wrong("LIANXIN_FILES", &files, "目前只支持本机文件夹，例如 /var/lib/lianxin/files"));
        }
        let base_url = values.get("LIANXIN_BASE_URL").cloned();
        if let Some(url) = base_url.as_deref().filter(|url| {
            !(url.starts_with("https://") || url.starts_with("http://"))
                || url.trim_end_matches('/').matches('/').count() != 2
        }) {
            return Err(wrong("LIANXIN_BASE_URL", url, "应为用户输入的网址，例如 https://lianxin.example.gov.cn"));
        }
        let log = get("LIANXIN_LOG", "info");
        if tracing_subscriber::EnvFilter::try_new(&log).is_err() {
            return Err(wrong("LIANXIN_LOG", &log, "应为 error、warn、info、debug、trace 之一"));
        }
        let key_file = PathBuf::from(get("LIANXIN_SECRET_KEY_FILE", &beside.join("key").display().to_string()));
        Ok(Self { database_url, listen, files: files.into(), key_file, base_url, log })
    }
}

fn sqlite_folder(database_url: &str) -> PathBuf {
    let path = database_url.strip_prefix("sqlite:").unwrap_or_default().trim_start_matches("//");
    std::path::Path::new(path).parent().map(PathBuf::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(None, |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn wrong_values_name_the_setting_and_the_cure() {
        assert!(read(&[]).is_ok());
        for (name, value) in [
            ("LIANXIN_DATABASE_URL", "mysql://x"),
            ("LIANXIN_LISTEN", "8080"),
            ("LIANXIN_LISTEN", "localhost:http"),
            ("LIANXIN_FILES", "s3://bucket"),
            ("LIANXIN_BASE_URL", "lianxin.example"),
            ("LIANXIN_LOG", "loud=="),
        ] {
            let error = read(&[(name, value)]).expect_err(value);
            assert_eq!(error.name, name);
            assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn a_settings_file_is_overruled_by_the_environment() {
        let file = "LIANXIN_LISTEN = \"127.0.0.1:9\"\nLIANXIN_LOG = \"warn\"";
        let config = Config::read(Some(file), |name| (name == "LIANXIN_LISTEN").then(|| "127.0.0.1:10".into()));
        let config = config.expect("reads");
        assert_eq!((config.listen.port(), config.log.as_str()), (10, "warn"));
        assert!(Config::read(Some("LIANXIN_PORT = \"1\""), |_| None).is_err());
    }
}
