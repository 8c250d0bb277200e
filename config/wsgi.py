import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from core.database_limits import hurry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
hurry(settings.DATABASES["default"])
application = get_wsgi_application()
