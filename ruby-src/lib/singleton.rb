# Singleton: classes with one instance.

module Singleton
  module ClassMethods
    def instance
      @singleton__instance__ ||= new
    end

    def inherited(subclass)
      super
      subclass.instance_variable_set(:@singleton__instance__, nil)
    end

    def _load(_)
      instance
    end
  end

  def self.included(klass)
    super
    klass.private_class_method :new, :allocate
    klass.extend(ClassMethods)
  end

  def clone
    raise TypeError, "can't clone instance of singleton #{self.class}"
  end

  def dup
    raise TypeError, "can't dup instance of singleton #{self.class}"
  end

  def _dump(_ = -1)
    ""
  end
end
