# Observable: objects that tell others when they change.

module Observable
  def add_observer(observer, method = :update)
    unless observer.respond_to?(method)
      raise NoMethodError, "observer does not respond to '#{method}'"
    end
    (@observer_peers ||= {})[observer] = method
  end

  def delete_observer(observer)
    @observer_peers.delete(observer) if @observer_peers
  end

  def delete_observers
    @observer_peers.clear if @observer_peers
  end

  def count_observers
    @observer_peers ? @observer_peers.size : 0
  end

  def changed(state = true)
    @observer_state = state
  end

  def changed?
    @observer_state ? true : false
  end

  def notify_observers(*args)
    return unless @observer_state
    @observer_peers.each { |observer, method| observer.__send__(method, *args) } if @observer_peers
    @observer_state = false
  end
end
