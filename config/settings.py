"""Settings: one file, read top to bottom, fed by the environment.

Safe by default; a missing secret or a malformed value stops the start with one line.
Each variable has its line in docs/operations.md. config/environment.py reads and checks it; no other module does.
"""

import logging
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from django.utils.csp import CSP

from config import environment as env
from config import error_reports
from config.replica import timed_query
from core import database_limits

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # everything that is written at run time


env.read_env_file(BASE_DIR / ".env")


def own_secret_key() -> str:
    """The generated secret of a demo installation, made once and kept in var/."""
    VAR_DIR.mkdir(exist_ok=True)
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text().strip()


# --- What kind of installation this is
DEBUG = env.flag("DEBUG")
DEMO = env.flag("DEMO")
DEMO_REFUSED = not env.flag("DEMO", default=True)  # only an explicit no
PORT = env.whole_number("PORT", default=8000, low=1, high=65535)
WEB_CONCURRENCY = env.whole_number("WEB_CONCURRENCY", default=2, low=1, high=256)
SECRET_KEY = env.text("SECRET_KEY") or (own_secret_key() if DEMO or DEBUG else "")
if not SECRET_KEY:
    make_one = """python3 -c "import secrets; print('SECRET_KEY=' + secrets.token_urlsafe(48))" >> .env"""
    env.stop(f"SECRET_KEY is not set. Give a long random one, or DEMO=1 to try the program. To make one and keep it: {make_one}")

BASE_URL = env.site_address("BASE_URL", default=f"http://127.0.0.1:{PORT}")
HTTPS = BASE_URL.startswith("https://")
OWN_HOSTS = [urlsplit(BASE_URL).hostname or "", "127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default=OWN_HOSTS)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []

# --- Apps, from the ground up
INSTALLED_APPS = [
    "core",
    "mailing",
    "audit",
    "hierarchy",
    "accounts",
    "webhooks",
    "notes",
    "importing",
    "assessments",
    "plans",
    "surveys",
    "portfolio",
    "people",
    "reviews",
    "api",
    "demo",
    "archive",
    "config",
    "modeltranslation",  # before the admin, which it extends
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.middleware.CompressPagesMiddleware",
    "config.middleware.HealthMiddleware",
    "config.middleware.ApiProblemMiddleware",
    "config.middleware.RefuseNulBytesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.LanguageMiddleware",
    "config.middleware.CircuitBreakerMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.PersonalMiddleware",
    "accounts.side_bar.OwnActsMiddleware",
    "config.middleware.RefusedMethodMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.logs.RequestLogMiddleware",
    "audit.origin.OriginMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.side_bar.side_bar",
            ],
        },
    },
]
FORM_RENDERER = "core.form_rendering.PythonWidgets"
CRISPY_TEMPLATE_PACK = CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"

# --- Data
VAR_DIR.mkdir(exist_ok=True)
DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'standing.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # two writers wait for each other instead of failing half-way
        "timeout": 4,  # seconds; then the page that says so
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA mmap_size=134217728;"
            "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-20000;"
        ),
    }
else:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 0,  # the pool keeps the connections
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            # A pool retries with growing pauses; after three seconds the next request starts a new attempt.
            "pool": {"min_size": 1, "max_size": 8, "timeout": 3, "reconnect_timeout": 3, "check": timed_query.check_connection},
            # Detect a broken connection also in long waits, as of the worker. Pages have shorter limits (config/wsgi.py).
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,  # milliseconds
        }
        | DATABASES["default"].get("OPTIONS", {}),
    }
READ_REPLICA_MAX_LAG = env.whole_number("READ_REPLICA_MAX_LAG", default=10, low=1, high=600)  # seconds
if replica := env.replica("READ_REPLICA_URL", of=DATABASES["default"]):
    DATABASES["replica"] = replica | {
        "OPTIONS": {
            "connect_timeout": 2,
            # A page that gets no connection within a second reads from the primary.
            "pool": {"min_size": 1, "max_size": 8, "timeout": 1, "reconnect_timeout": 3, "check": timed_query.check_connection},
            "tcp_user_timeout": 2000,  # milliseconds after which a connection without acknowledgements counts as broken
            "options": database_limits.limit_options(lock_timeout=1000),  # a lock on a whole table is replicated too
        }
        | replica.get("OPTIONS", {}),
        "TEST": {"MIRROR": "default"},
    }
    DATABASE_ROUTERS = ["config.replica.router.ReplicaRouter"]
    MIDDLEWARE.append("config.replica.middleware.ReplicaMiddleware")  # the innermost
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.shared_cache("CACHE_URL")}
# Figures of many rows (audit/figure_cache.py). Their keys hold the version of the data, so each process may have its own cache,
# and no page depends on a shared one.
CACHES["figures"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "figures",
    "OPTIONS": {"MAX_ENTRIES": 500},
}
CACHES["shared figures"] = {  # shared by the processes of a machine for a minute (audit/figure_making.py)
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": str(VAR_DIR / "figures"),
    "OPTIONS": {"MAX_ENTRIES": 100},
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
REPORTING_CURRENCY = env.currency("REPORTING_CURRENCY", default="EUR")

# --- Who we are: named to the customers who are asked
ORGANISATION = env.line("ORGANISATION", default="Vermeer & Partners" if DEMO else "", most=120)

# --- Measuring
UNSOUND_RESPONSES_COUNT = env.flag("UNSOUND_RESPONSES_COUNT", default=True)  # all alike or too fast: for the level

# --- People: sign-in by e-mail, no sign-up
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portfolio:start"
ACCOUNT_ADAPTER = "accounts.sign_in.adapter.SignInAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.forms.SignInForm",
    "change_password": "accounts.sign_in.forms.ChangePasswordForm",
    "set_password": "accounts.sign_in.forms.SetPasswordForm",
    "reset_password": "accounts.sign_in.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.sign_in.forms.ResetPasswordKeyForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # administrators add people and know their addresses
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to addresses without a user
ACCOUNT_RATE_LIMITS = {"login_failed": "10/15m/key,60/15m/ip", "login": "120/m/ip"}
ACCOUNT_SESSION_REMEMBER = None
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("nl", "Nederlands")]
FORMAT_MODULE_PATH = "config.formats"
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en", "nl")  # a draft may be half written
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", default="Europe/Amsterdam")  # the organisation's: dates are its dates
USE_TZ = True

# --- Static files
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "media"

# --- Mail
# Until a mail server is named, mail is written to files; not to the log, because it holds links with secrets.
MAIL_FOLDER = VAR_DIR / "mail"
MAILERS = {"default": env.mailer("EMAIL_URL", default=MAIL_FOLDER)}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mail_address("FROM_EMAIL", default="Standing <standing@localhost>")
OUR_MAIL_DOMAINS = env.mail_domains("OUR_MAIL_DOMAINS")  # empty: those of the people here (accounts/our_mail.py)

# --- Security
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],  # Bootstrap draws its form arrows as data: images
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^live$", r"^ready$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("BEHIND_PROXY") else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- Logs: one line an event, on standard error
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"keys": {"()": "config.logs.HideKeys"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["keys"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django_structlog": {"level": "INFO"},
        # These loggers write the URL of a request, to Django's own handlers and to others.
        "django.request": {"filters": ["keys"]},
        "django.server": {"handlers": ["console"], "filters": ["keys"]},
        "django.security.csrf": {"filters": ["keys"]},
    },
}
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # the line at the end of a request has the same content
structlog.configure(
    # The plain traceback: one with the values of variables would show passwords, and query a database that is not available.
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
if SENTRY_DSN := env.error_reports("SENTRY_DSN"):
    error_reports.start(SENTRY_DSN)
